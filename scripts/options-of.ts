import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';

/** What a script of this project was told; one that is told something it does not know ends with status 2 and a sentence. */
export function optionsOf<const Options extends ParseArgsOptionsConfig>(options: Options): ReturnType<typeof parseArgs<{ options: Options }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('. ');
    const known = Object.keys(options).map((name) => `--${name}`);
    process.stderr.write(`${sentence ?? ''}. It takes ${known.join(', ')}.\n`);
    process.exit(2);
  }
}
