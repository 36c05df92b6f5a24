/**
 * The package as users get it: packed, installed into an empty prefix without its development dependencies, and tried:
 * the command tells its version and runs its demo, and the library can be imported.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };

const folder = mkdtempSync(join(tmpdir(), 'plait-package-'));
// npm, too, runs under the Node that runs this, and not under an older one of the machine's.
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };
const run = (program: string, args: readonly string[], cwd = folder): string => execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  run('npm', ['pack', '--silent', '--pack-destination', folder], process.cwd());
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error('npm pack made no archive.');
  run('npm', ['install', '--global', '--prefix', folder, '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', join(folder, archive)]);
  const command = join(folder, 'bin', 'plait');
  const version = run(command, ['--version']).trim();
  if (version !== packageJson.version) throw new Error(`The installed command says it is ${version}, not ${packageJson.version}.`);
  run(command, ['demo', '--json']);
  const imported = `import('${join(folder, 'lib', 'node_modules', packageJson.name, 'dist', 'index.js')}').then(({ download }) => process.exit(typeof download === 'function' ? 0 : 1))`;
  run(process.execPath, ['--eval', imported]);
  process.stdout.write(`The package installs and works: plait ${version}.\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
