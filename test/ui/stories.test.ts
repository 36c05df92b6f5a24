import { describe, expect, test } from 'vitest';
import { SEGMENT_STORIES_MAX, STORY_LINES_MAX } from '../../src/base/bounds.ts';
import type { DownloadEvent, SegmentState } from '../../src/metrics/events.ts';
import { notesBetween } from '../../src/ui/farm-notes.ts';
import { listedSegments } from '../../src/ui/draw/story-rows.ts';
import { decision, farmServer, farmView, storiesOf } from './support/models.ts';

const segment = (segmentId: number, state: SegmentState, atMs = segmentId): DownloadEvent => ({ type: 'segment', atMs, segmentId, start: segmentId * 10, end: segmentId * 10 + 10, mirrorId: 1, state });

describe('stories', () => {
  test('a server’s story holds its states and the decisions about it, in the order of their times', () => {
    const { servers, beganAtMs } = storiesOf([
      { type: 'server', atMs: 5, mirrorId: 1, url: 'http://x/', state: 'connecting', bytes: 0, rateBytesPerSec: 0 },
      decision('server 1 stalled.', 6),
      { type: 'server', atMs: 7, mirrorId: 1, url: 'http://x/', state: 'failed', bytes: 9, rateBytesPerSec: 0 },
    ]);
    expect(beganAtMs).toBe(5);
    expect(servers.get(1)?.map(({ atMs }) => atMs)).toEqual([5, 6, 7]);
  });

  test('an hour of events costs no more memory than a minute', () => {
    const events = Array.from({ length: 20_000 }, (_, at) => [segment(at, 'downloading'), segment(at, 'done'), decision('server 1 did.', at)]).flat();
    const { segments, decisions, servers } = storiesOf(events);
    expect(segments.size).toBeLessThanOrEqual(SEGMENT_STORIES_MAX);
    expect(decisions.length).toBe(STORY_LINES_MAX);
    expect(servers.get(1)?.length).toBe(STORY_LINES_MAX);
    expect([...segments.values()].every((story) => story.length <= STORY_LINES_MAX)).toBe(true);
  });

  test('the segments at work are listed by their place, then those that are done, the latest first', () => {
    const listed = listedSegments(storiesOf([segment(3, 'downloading'), segment(1, 'downloading'), segment(2, 'downloading'), segment(2, 'done'), segment(4, 'done')]));
    expect(listed.map(({ segmentId }) => segmentId)).toEqual([1, 3, 4, 2]);
  });
});

describe('what happens in a farm', () => {
  test('is told once: deaths, returns, faults and their end', () => {
    const well = farmView([farmServer(1), farmServer(2)]);
    const hurt = farmView([farmServer(1, { state: 'dead' }), farmServer(2, { faults: ['stall'] })]);
    expect(notesBetween(well, hurt)).toEqual(['Server 1 is dead: it was killed.', 'Server 2 has a fault now: stall.']);
    expect(notesBetween(hurt, well)).toEqual(['Server 1 is alive on port 12001.', 'Server 2 is healed.']);
    expect(notesBetween(well, { ...well, servers: well.servers.map((server) => ({ ...server, sentBytes: 1 })) })).toEqual([]);
  });
});
