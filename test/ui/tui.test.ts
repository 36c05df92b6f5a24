/** The view over a real download from real servers, on a terminal that keeps what is written to it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, map } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { download } from '../../src/download.ts';
import type { Download } from '../../src/download.ts';
import type { Farm } from '../../src/farm/farm.ts';
import type { DownloadView } from '../../src/metrics/view.ts';
import { screenReporter } from '../../src/ui/screen-reporter.ts';
import type { ShowDownload } from '../../src/ui/screen-reporter.ts';
import { placedBytes } from '../farm/support/test-file.ts';
import { fakeTerminal } from './support/fake-terminal.ts';
import type { FakeTerminal } from './support/fake-terminal.ts';
import { startFarm } from '../support/start-farm.ts';

const ENTER_SCREEN = '\u001B[?1049h';
const LEAVE_SCREEN = '\u001B[?1049l';
const SHOW_CURSOR = '\u001B[?25h';
const BYTES = 3_000_000;

/** The same view without its thread, which only a built program has; test/ui/terminal.test.ts sees that one. */
const inThisThread = async (): Promise<ShowDownload> => (await import('../../src/ui/tui.tsx')).showDownload;

interface Running {
  readonly terminal: FakeTerminal;
  readonly running: Download;
  readonly farm: Farm;
  readonly outputPath: string;
  readonly bytes: Buffer;
  readonly stops: () => number;
  /** Settles once the view is such a one. */
  readonly viewWhere: (fits: (view: DownloadView) => boolean) => Promise<DownloadView>;
  /** Lets the download run to its end, at full speed, whatever that is. */
  readonly end: () => Promise<void>;
}

/** A slow download in the view: so slow that every key finds it at work. */
async function startInView(terminal = fakeTerminal()): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'plait-tui-'));
  const bytes = Buffer.from(placedBytes(BYTES));
  const filePath = join(folder, 'source.bin');
  await writeFile(filePath, bytes);
  const farm = await startFarm({ filePath, count: 2 });
  const outputPath = join(folder, 'out.bin');
  const running = download({ urls: farm.servers.map(({ url }) => url), output: outputPath, limitBytesPerSec: 300_000 });
  let stops = 0;
  const stop = (): void => {
    stops += 1;
    running.abort();
  };
  const sink = { out: (line: string) => void terminal.stdout.write(`${line}\n`), err: (line: string) => void terminal.stdout.write(`${line}\n`) };
  const reporter = screenReporter({ io: terminal, sink, checksum: null, farm: null, stop }, inThisThread);
  reporter.follow(running);
  const over = running.result.then(
    (result) => reporter.succeeded(running, result),
    (error: unknown) => reporter.failed(running, error instanceof PlaitError ? error : new PlaitError('bug', String(error)), 1),
  );
  onTestFinished(async () => {
    running.abort();
    await over;
    await farm.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    terminal,
    running,
    farm,
    outputPath,
    bytes,
    stops: () => stops,
    viewWhere: (fits) => firstValueFrom(running.views.pipe(filter(fits))),
    async end() {
      running.setLimit(null);
      await over;
    },
  };
}

describe('the view of a download', () => {
  test('takes the whole terminal, gives it back, and leaves its summary in the scroll-back', async () => {
    const { terminal, outputPath, bytes, end } = await startInView();
    await terminal.stdout.said(/downloading/u);
    expect(terminal.stdout.written.startsWith(`\r${ENTER_SCREEN}`)).toBe(true);
    expect(terminal.stdin.isRaw).toBe(true);
    await end();
    const afterwards = terminal.stdout.written.slice(terminal.stdout.written.lastIndexOf(LEAVE_SCREEN));
    expect(afterwards).toContain(SHOW_CURSOR);
    expect(afterwards).toMatch(/Saved .*out\.bin: 2\.86 MiB[\s\S]*Server 1 \(\d+\): [\s\S]*Server 2 /u);
    expect(terminal.stdin.isRaw).toBe(false);
    expect((await readFile(outputPath)).equals(bytes)).toBe(true);
  });

  test('is steered by its keys', async () => {
    const { terminal, viewWhere } = await startInView();
    await viewWhere(({ course, writtenBytes }) => course === 'transferring' && writtenBytes > 0);
    terminal.stdin.write(' ');
    await viewWhere(({ course }) => course === 'paused');
    await terminal.stdout.said(/paused/u);
    terminal.stdin.write(' ');
    await viewWhere(({ course }) => course === 'transferring');
    terminal.stdin.write('jd');
    await viewWhere(({ servers }) => servers[1]?.state === 'retired');
    await terminal.stdout.said(/dropped by the user/u);
    terminal.stdin.write('b');
    await viewWhere(({ servers }) => servers[1]?.state !== 'retired');
    terminal.stdin.write('k+');
    await terminal.stdout.said(/Server 1 may have \d lanes/u);
    terminal.stdin.write('l200K\r');
    await viewWhere(({ limitBytesPerSec }) => limitBytesPerSec === 204_800);
    terminal.stdin.write('anonsense\r');
    await terminal.stdout.said(/nonsense.* is (?:no|not)/u);
    terminal.stdin.write('\u001B[200~http://127.0.0.1:9/file\u001B[201~');
    terminal.stdin.write('\r');
    await viewWhere(({ servers }) => servers.length === 3);
  });

  test('scrolls its page of keys on a small screen to the very end, and not beyond', async () => {
    const { terminal, viewWhere } = await startInView(fakeTerminal(40, 12));
    await viewWhere(({ writtenBytes }) => writtenBytes > 0);
    await terminal.stdout.said(/q/u);
    terminal.stdin.write('?');
    await terminal.stdout.said(/rows 1–\d+ of (\d+)/u);
    terminal.stdin.write('\u001B[F');
    await terminal.stdout.said(/rows \d+–(\d+) of \1\b/u);
    const rows = Number(/rows \d+–(\d+) of \1\b/u.exec(terminal.stdout.written)?.[1]);
    // One step back is seen at once: nothing was scrolled beyond the end.
    terminal.stdin.write('k');
    await terminal.stdout.said(new RegExp(`–${rows - 1} of ${rows}\\b`, 'u'));
  });

  test('stops at q, with everything kept, and says how to go on', async () => {
    const { terminal, running, stops, viewWhere } = await startInView();
    await viewWhere(({ writtenBytes }) => writtenBytes > 0);
    terminal.stdin.write('q');
    await expect(running.result).rejects.toMatchObject({ code: 'aborted' });
    await terminal.stdout.said(/run the same command again[\s\S]*Received so far/u);
    expect(stops()).toBe(1);
    expect(terminal.stdin.isRaw).toBe(false);
  });

  test('follows the terminal’s size, however small it gets', async () => {
    const { terminal, viewWhere } = await startInView();
    await viewWhere(({ writtenBytes }) => writtenBytes > 0);
    for (const [columns, rows] of [[40, 10], [1, 1], [160, 50]] as const) {
      terminal.stdout.written = '';
      Object.assign(terminal.stdout, { columns, rows });
      terminal.stdout.emit('resize');
      await viewWhere(() => true);
    }
    await terminal.stdout.said(/Proved so far/u);
  });

  test('gives the terminal back before the words of a crash', async () => {
    const { terminal } = await startInView();
    await terminal.stdout.said(/downloading/u);
    terminal.crash();
    expect(terminal.stdout.written).toContain(LEAVE_SCREEN);
    expect(terminal.stdin.isRaw).toBe(false);
  });

  test('goes on in plain lines when the view itself breaks', async () => {
    const { terminal, running, farm } = await startInView();
    const broken = fakeTerminal();
    const lines: string[] = [];
    const sink = { out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
    const noServers = (view: DownloadView): DownloadView => Object.defineProperty({ ...view }, 'servers', { get: () => { throw new Error('as a test wants it'); } });
    const reporter = screenReporter({ io: broken, sink, checksum: null, farm: null, stop: () => undefined }, inThisThread);
    reporter.follow({ ...running, view: () => noServers(running.view()), views: running.views.pipe(map(noServers)) });
    await terminal.stdout.said(/downloading/u);
    await expect.poll(() => lines.join('\n')).toMatch(/The view has failed and goes on in plain lines: as a test wants it/u);
    expect(broken.stdout.written).toContain(LEAVE_SCREEN);
    expect(farm.servers.length).toBe(2);
  });

  test('says sentences to a screen reader, and takes no other screen', async () => {
    const { terminal, end } = await startInView(fakeTerminal(80, 24, { TERM: 'xterm', INK_SCREEN_READER: 'true' }));
    await terminal.stdout.said(/out\.bin: .* of 2\.86 MiB, \d+ %, at .* from \d servers?/u);
    await terminal.stdout.said(/The file has 2\.86 MiB/u);
    await end();
    expect(terminal.stdout.written).not.toContain(ENTER_SCREEN);
    expect(terminal.stdout.written).not.toMatch(/[▀█━]/u);
  });
});
