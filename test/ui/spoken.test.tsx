/** What a screen reader is told, by Ink itself on a terminal that keeps what is written to it. */
import { Subject } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { STORY_LINES_MAX } from '../../src/base/bounds.ts';
import type { Farm, FarmView } from '../../src/farm/farm.ts';
import { showFarm } from '../../src/ui/serve-tui.tsx';
import { showDownload } from '../../src/ui/tui.tsx';
import type { DownloadEvent } from '../../src/metrics/events.ts';
import type { DownloadView } from '../../src/metrics/view.ts';
import { fakeTerminal } from './support/fake-terminal.ts';
import { decision, downloadView, farmServer, farmView } from './support/models.ts';

const SENTENCES = 2 * STORY_LINES_MAX + 50;

const speaking = (): ReturnType<typeof fakeTerminal> => fakeTerminal(80, 24, { TERM: 'xterm', INK_SCREEN_READER: 'true' });

const counted = (written: string, what: RegExp): readonly number[] => [...written.matchAll(what)].map((match) => Number(match[1]));

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

test('every decision of a long download is said once, however many there are', async () => {
  const terminal = speaking();
  const events = new Subject<DownloadEvent>();
  const views = new Subject<DownloadView>();
  const shown = showDownload({ io: terminal, checksum: null, farm: null, obey: () => Promise.resolve(null) }, { events, views, view: () => downloadView() }, null);
  onTestFinished(() => shown.unmount());
  for (const nth of upTo(SENTENCES)) {
    events.next(decision(`It was decided ${nth}.`));
    views.next(downloadView());
    await terminal.stdout.said(new RegExp(`It was decided ${nth}\\.`, 'u'));
  }
  expect(counted(terminal.stdout.written, /It was decided (\d+)\./gu)).toEqual(upTo(SENTENCES));
});

test('every death and every return in a farm is said, however many there are', async () => {
  const terminal = speaking();
  const views = new Subject<FarmView>();
  const first = farmView([farmServer(1)]);
  const farm = { servers: [], views, view: () => first } as unknown as Farm;
  const shown = showFarm({ farm, io: { ...terminal, nowMs: () => 0 }, commands: [], notes: ['It begins.'], stop: () => undefined });
  onTestFinished(() => shown.unmount());
  for (const nth of upTo(SENTENCES)) {
    views.next(farmView([farmServer(1, { state: 'dead', trouble: `It crashed ${nth}.` })]));
    await terminal.stdout.said(new RegExp(`It crashed ${nth}\\.`, 'u'));
    views.next(first);
  }
  expect(counted(terminal.stdout.written, /It crashed (\d+)\./gu)).toEqual(upTo(SENTENCES));
});
