/** The licences of what is bundled, as their authors ask: gathered from the packages whose files went into the build. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//u;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** One text with the licence of every package among `inputs` (paths from the project's root). */
export function thirdPartyLicenses(inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []));
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join('node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
      const text = file === undefined ? `Licence: ${license ?? 'see the package'}` : readFileSync(join(folder, file), 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
