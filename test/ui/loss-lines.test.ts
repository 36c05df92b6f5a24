import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { FaultCode } from '../../src/base/faults.ts';
import type { Decision } from '../../src/machines/decisions.ts';
import type { DownloadEvent } from '../../src/metrics/events.ts';
import { LossLines } from '../../src/ui/loss-lines.ts';
import { plainReporter } from '../../src/ui/plain.ts';
import { BusyDownload } from './support/busy-download.ts';

const lost = (mirrorId: number, atMs: number, fault: FaultCode = 'refused'): Decision => ({ type: 'decision', kind: 'server-lost', mirrorId, atMs, fault, why: `server ${mirrorId} ${fault} at ${atMs}.` });
const back = (mirrorId: number, atMs: number): Decision => ({ type: 'decision', kind: 'server-returned', mirrorId, atMs, why: `server ${mirrorId} is back.` });

const linesOf = (decisions: readonly Decision[]): readonly string[] => {
  const losses = new LossLines();
  return decisions.map((decision) => losses.said(decision)).filter((line) => line !== null);
};

describe('the losses of servers, in plain lines', () => {
  test('a server that stays away for one cause is told of once', () => {
    expect(linesOf([lost(2, 0), lost(2, 1_000), lost(3, 1_500), lost(2, 29_999)])).toEqual(['server 2 refused at 0.', 'server 3 refused at 1500.']);
  });

  test('another cause is told, and so is the loss of one that was back', () => {
    expect(linesOf([lost(2, 0), lost(2, 10, 'reset'), lost(2, 20, 'reset'), back(2, 30), lost(2, 40, 'reset')])).toEqual([
      'server 2 refused at 0.', 'server 2 reset at 10.', 'server 2 is back.', 'server 2 reset at 40.',
    ]);
  });

  test('after half a minute one line counts the tries of all that are away, and the next comes half a minute later', () => {
    const many = Array.from({ length: 300 }, (_, at) => at + 1);
    const tries = [0, 10_000, 30_000, 40_000, 59_999, 60_000].flatMap((atMs) => many.map((mirrorId) => lost(mirrorId, atMs)));
    const lines = linesOf(tries);
    expect(lines.slice(0, 300)).toEqual(many.map((mirrorId) => `server ${mirrorId} refused at 0.`));
    expect(lines.slice(300)).toEqual([
      'Still away: server 1 (asked 3 times), server 2 (asked 2 times), server 3 (asked 2 times), server 4 (asked 2 times), server 5 (asked 2 times) and 295 more.',
      'Still away: server 1 (asked 6 times), server 2 (asked 5 times), server 3 (asked 5 times), server 4 (asked 5 times), server 5 (asked 5 times) and 295 more.',
    ]);
  });

  test('segments that move from the lost to the living are told; that they are tried at one that is away is not', () => {
    const moved = (mirrorId: number): Decision => ({ type: 'decision', kind: 'segment-moved', mirrorId, atMs: 1, why: `moved to server ${mirrorId}.` });
    expect(linesOf([lost(2, 0), lost(3, 0), moved(1), moved(2), moved(3), lost(2, 2), moved(1), back(3, 3), moved(3)])).toEqual([
      'server 2 refused at 0.', 'server 3 refused at 0.', 'moved to server 1.', 'moved to server 1.', 'server 3 is back.', 'moved to server 3.',
    ]);
  });

  test('the plain report says what is left of them', () => {
    const events = new Subject<DownloadEvent>();
    const said: string[] = [];
    const sink = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) };
    plainReporter(sink, 1_000, false).follow({ ...new BusyDownload(1).download, events });
    for (const decision of [lost(2, 0), lost(2, 1), back(2, 2)]) events.next(decision);
    expect(said).toEqual(['Server 2 refused at 0.', 'Server 2 is back.']);
  });
});
