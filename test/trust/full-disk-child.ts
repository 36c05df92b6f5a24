/** A library user on a small disk: `FOLDER CHECKSUM URL...`, no checksum being `-`. It makes room when it is told that there is none, and goes on. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { download } from '../../src/download.ts';

const [folder = '', checksum = '-', ...urls] = process.argv.slice(2);
const filler = join(folder, 'filler');
let pauses = 0;
const running = download({ urls, output: join(folder, 'file.bin'), env: {}, seed: 4, ...(checksum === '-' ? {} : { checksum }) });
running.events.subscribe((event) => {
  if (event.type !== 'decision' && event.type !== 'course') return;
  process.stdout.write(`${JSON.stringify(event)}\n`);
  if (event.type !== 'course' || event.state !== 'paused') return;
  pauses += 1;
  // The first time it is told to go on though there is no room: it pauses again, and nothing is lost.
  if (pauses > 1) rmSync(filler, { force: true });
  queueMicrotask(() => running.resume());
});
const result = await running.result;
process.stdout.write(`${JSON.stringify({ type: 'result', ...result })}\n`);
