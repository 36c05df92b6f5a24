import { describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { MACHINES } from '../../src/inspect/machines.ts';
import { chartOf } from '../../src/inspect/chart.ts';
import type { InspectMessage } from '../../src/inspect/messages.ts';
import { contextOf, contextRows } from '../../src/inspect/page/story/context-rows.ts';
import { countUpTo, EventList, lifelinesFor, LIFELINES_MAX, lifelinesOf } from '../../src/inspect/page/story/sequence.ts';
import { Story } from '../../src/inspect/page/story/story.ts';
import { msAt, within, xAt, zoomed } from '../../src/inspect/page/story/stretch.ts';
import { axisMarks } from '../../src/inspect/page/story/times.ts';
import { arrowsTaken, stepsOf } from '../../src/inspect/page/story/taken.ts';
import { shownState, stateCounts, treeRows, unfoldedFor } from '../../src/inspect/page/story/tree.ts';
import type { TreeQuery } from '../../src/inspect/page/story/tree.ts';
import { walked } from '../../src/inspect/page/story/walk.ts';
import type { World } from '../../src/inspect/page/story/world.ts';
import { Teller } from '../../src/inspect/teller.ts';
import { longRecording, RecordingWriter } from './support/recording.ts';

const NO_QUERY: TreeQuery = { turned: new Set(), search: '', states: new Set() };

function storyOf(lines: readonly string[], limits?: ConstructorParameters<typeof Story>[0]): Story {
  const story = new Story(limits);
  for (const line of lines) story.add(line);
  return story;
}

/** A world in plain words, to be compared. */
const standing = (world: World): readonly string[] => [...world.actors.values()].map((row) => `${row.name} ${row.states.join()} ${row.status} ${row.change.eventType} ${row.snapshotText}`);

function smallDownload(): RecordingWriter {
  const writer = new RecordingWriter();
  writer.actor('coordinator', 'coordinator', { discovering: 'looking' });
  writer.actor('server-1', 'server', 'connecting', { mirrorId: 1, url: 'http://127.0.0.1:12000/' });
  writer.actor('server-2', 'server', 'connecting', { mirrorId: 2, url: 'http://127.0.0.1:13000/' });
  writer.actor('segment-1', 'segment', { leased: 'connecting' }, { mirrorId: 1, start: 0, end: 100 });
  writer.event('segment-1', 'lease.opened');
  writer.snapshot('segment-1', 'lease.opened', { leased: 'downloading' }, { mirrorId: 1, start: 0, end: 100 });
  writer.event('coordinator', 'segment.opened', 'segment-1');
  writer.event('server-1', 'server.answered', 'coordinator');
  writer.snapshot('server-1', 'server.answered', 'downloading', { mirrorId: 1, url: 'http://127.0.0.1:12000/' });
  writer.snapshot('segment-1', 'lease.ended', 'failed', { mirrorId: 1, start: 40, end: 100 });
  writer.snapshot('segment-1', 'segment.rest', 'reassigned', { mirrorId: 1, start: 40, end: 100 });
  writer.snapshot('segment-1', 'segment.take', { leased: 'connecting' }, { mirrorId: 2, start: 40, end: 100 });
  writer.snapshot('segment-1', 'lease.opened', { leased: 'downloading' }, { mirrorId: 2, start: 40, end: 100 });
  writer.snapshot('segment-1', 'lease.ended', 'done', { mirrorId: 2, start: 40, end: 100 }, 'done');
  writer.gone('segment-1');
  return writer;
}

describe('the story', () => {
  test('any moment of it is the same as if nothing had come after', () => {
    const { lines } = longRecording(60, 400);
    const whole = storyOf(lines, { entries: 10_000, text: 1e9, chunk: 37 });
    for (let number = 1; number <= lines.length; number += 23) {
      const cut = storyOf(lines.slice(0, number), { entries: 10_000, text: 1e9, chunk: 10_000 });
      expect(standing(whole.worldAt(number))).toEqual(standing(cut.now));
    }
  });

  test('keeps no more than its bounds, and every moment that it keeps is still true', () => {
    const { lines } = longRecording(60, 2_000);
    const story = storyOf(lines, { entries: 300, text: 1e9, chunk: 50 });
    expect(story.first).toBeGreaterThan(lines.length - 351);
    expect(story.entry(story.first - 1)).toBeUndefined();
    expect(story.entry(story.first)?.number).toBe(story.first);
    const cut = storyOf(lines.slice(0, story.first + 10));
    expect(standing(story.worldAt(story.first + 10))).toEqual(standing(cut.now));
    // Who was born before what is kept is still there.
    expect(story.worldAt(story.first).actors.get('server-1')?.name).toBe('server-1');
  });

  test('is bounded by the length of its text, too', () => {
    const { lines } = longRecording(60, 2_000);
    const story = storyOf(lines, { entries: 1e9, text: 20_000, chunk: 50 });
    const kept = lines.slice(story.first - 1).reduce((sum, line) => sum + line.length, 0);
    expect(kept).toBeLessThan(20_000 + 50 * 4_000);
    expect(story.last).toBe(lines.length);
  });

  test('passes over what it cannot read, and counts it', () => {
    const { lines } = smallDownload();
    const story = storyOf([...lines.slice(0, 3), '{"type":"@xstate.ac', '42', '{"type":"plait.tomorrow","t":1}', ...lines.slice(3)]);
    expect(story.unreadable).toBe(1);
    expect(standing(story.now)).toEqual(standing(storyOf(lines).now));
  });

  test('says what was dropped, how the command ended, and finds a moment by its time', () => {
    const writer = smallDownload();
    writer.say({ type: 'plait.dropped', count: 12 });
    writer.end(3);
    const story = storyOf(writer.lines);
    expect(story.dropped).toBe(12);
    expect(story.end?.exitStatus).toBe(3);
    expect(story.hello?.command).toBe('get');
    for (const number of [1, 5, writer.lines.length]) expect(story.numberAt(story.entry(number)?.atMs ?? -1)).toBe(number);
  });

  test('an actor that is told of again after a gap stands as it was told last', () => {
    const writer = smallDownload();
    writer.say({ type: 'plait.dropped', count: 5 });
    writer.actor('server-1', 'server', 'failed', { mirrorId: 1 });
    const story = storyOf(writer.lines);
    expect(story.now.actors.get('server-1')).toMatchObject({ states: ['failed'], bornNumber: 3 });
    expect([...story.now.actors.values()].filter(({ id }) => id === 'server-1')).toHaveLength(1);
  });

  test('actors that are said to be each other’s parents are shown all the same', () => {
    const writer = new RecordingWriter();
    for (const [name, parentId] of [['a', 'b'], ['b', 'a'], ['c', 'c'], ['a', 'b']] as const) writer.say({ type: '@xstate.actor', sessionId: name, name, parentId, definition: '{}', snapshot: { status: 'active' } });
    const { actors } = storyOf(writer.lines).now;
    expect(treeRows(actors, { ...NO_QUERY, turned: new Set(['a/effects', 'a']) }).length).toBeGreaterThan(0);
    expect(unfoldedFor(actors, 'b', new Set()).size).toBeGreaterThan(0);
    expect(lifelinesFor(actors, 'b')).toContain('b');
    expect([...actors.values()].map(({ parentId }) => parentId)).toEqual([null, 'a', null]);
  });

  test('thousands of finished actors are forgotten before one that is at work', () => {
    const story = storyOf(longRecording(6_000, 6_000).lines);
    expect(story.now.actors.size).toBeLessThanOrEqual(5_000);
    expect(story.now.actors.size + story.now.forgottenActors).toBe(6_000);
    expect([...story.now.actors.values()].filter(({ status }) => status === 'active')).toHaveLength(29);
  });
});

describe('the timeline', () => {
  test('a segment has a bar at each server that it was with', () => {
    const story = storyOf(smallDownload().lines);
    const shown = (mirrorId: number): readonly string[] => story.bars.mirrors.get(mirrorId)?.bars.map(({ state, fromNumber, toNumber }) => `${state} ${fromNumber}–${toNumber}`) ?? [];
    expect(shown(1)).toEqual(['connecting 5–7', 'downloading 7–11', 'failed 11–12']);
    expect(shown(2)).toEqual(['connecting 13–14', 'downloading 14–15']);
    expect(story.bars.servers.get('server-1')?.bars.map(({ state }) => state)).toEqual(['connecting', 'downloading']);
  });

  test('bars that lie in one row never overlap', () => {
    const story = storyOf(longRecording(200, 200).lines);
    for (const { bars } of story.bars.mirrors.values()) {
      const ends = new Map<number, number>();
      for (const bar of bars.filter(({ row }) => row < 5)) {
        expect(bar.fromMs).toBeGreaterThanOrEqual(ends.get(bar.row) ?? 0);
        ends.set(bar.row, bar.toMs ?? Infinity);
      }
    }
  });
});

describe('the stretch of time that is shown', () => {
  test('never leaves what there is, and what is zoomed about stays in its place', () => {
    const endMs = 10_000;
    expect(within({ fromMs: -500, toMs: 1_500 }, endMs)).toEqual({ fromMs: 0, toMs: 2_000 });
    expect(within({ fromMs: 9_500, toMs: 10_500 }, endMs)).toEqual({ fromMs: 9_000, toMs: 10_000 });
    expect(within({ fromMs: 5_000, toMs: 5_000 }, endMs)?.fromMs).toBe(5_000);
    expect(within(zoomed({ fromMs: 0, toMs: 8_000 }, 4_000, 2), endMs)).toBeNull();
    const stretch = { fromMs: 2_000, toMs: 6_000 };
    expect(xAt(zoomed(stretch, 3_000, 0.5), 3_000, 800)).toBeCloseTo(xAt(stretch, 3_000, 800));
    expect(msAt(stretch, xAt(stretch, 4_321, 800), 800)).toBeCloseTo(4_321);
  });

  test('has round marks, no closer than asked', () => {
    expect(axisMarks(0, 6_000, 600, 90)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    expect(axisMarks(130, 340, 600, 90)).toEqual([150, 200, 250, 300]);
    expect(axisMarks(5, 5, 600, 90)).toEqual([]);
  });
});

describe('the tree', () => {
  test('folds what is finished, and unfolds it for the actor that is chosen', () => {
    const { actors } = storyOf(smallDownload().lines).now;
    const labels = (query: TreeQuery): readonly string[] => treeRows(actors, query).map(({ label, level }) => `${level} ${label}`);
    expect(labels(NO_QUERY)).toEqual(['1 coordinator', '2 servers', '3 server-1', '3 server-2', '2 segments', '3 finished']);
    expect(labels({ ...NO_QUERY, turned: unfoldedFor(actors, 'segment-1', new Set()) })).toContain('4 segment-1');
  });

  test('a search and a filter show what fits, and what leads to it', () => {
    const { actors } = storyOf(smallDownload().lines).now;
    const found = (query: Partial<TreeQuery>): readonly string[] => treeRows(actors, { ...NO_QUERY, ...query }).flatMap(({ actor }) => (actor === null ? [] : [actor.name]));
    expect(found({ search: 'SEGMENT' })).toEqual(['coordinator', 'segment-1']);
    expect(found({ states: new Set(['connecting']) })).toEqual(['coordinator', 'server-2']);
    expect(found({ search: 'nobody' })).toEqual([]);
    expect(stateCounts(actors.values())).toEqual([['connecting', 1], ['done', 1], ['downloading', 1], ['looking', 1]]);
  });

  test('an actor that was stopped midway does not look as if it were still at work', () => {
    const writer = smallDownload();
    writer.gone('server-2');
    const row = storyOf(writer.lines).now.actors.get('server-2');
    expect(row === undefined ? null : shownState(row)).toBe('stopped');
  });
});

describe('the sequence', () => {
  test('has few lifelines, the chosen actor’s always among them', () => {
    const { actors } = storyOf(longRecording(300, 300).lines).now;
    const lifelines = lifelinesFor(actors, 'segment-280');
    expect(lifelines.length).toBeLessThanOrEqual(LIFELINES_MAX);
    expect(lifelines).toContain('segment-280');
    expect(lifelines[0]).toBe('coordinator');
  });

  test('shows every event that reaches or leaves a lifeline, and no other', () => {
    const story = storyOf(smallDownload().lines);
    const events = new EventList(story, lifelinesOf(lifelinesFor(story.now.actors, 'server-1')), '');
    const rows = (): readonly (string | undefined)[] => Array.from({ length: events.countTo(story.last) }, (_, index) => events.at(index)?.eventType);
    expect(rows()).toEqual(['segment.opened', 'server.answered']);
    expect(events.countTo(8)).toBe(1);
    story.add(JSON.stringify({ type: '@xstate.event', t: 99, sessionId: 'server-2', sourceId: 'coordinator', event: { type: 'server.leased' } }));
    expect(rows()).toEqual(['segment.opened', 'server.answered', 'server.leased']);
    expect(countUpTo([3, 5, 5, 9], 5)).toBe(3);
    expect(countUpTo([], 5)).toBe(0);
  });
});

describe('the arrow that was taken', () => {
  const machineChart = (id: string): NonNullable<ReturnType<typeof chartOf>> => {
    const chart = chartOf(JSON.stringify(MACHINES.find((each) => each.id === id)?.config));
    if (chart === null) throw new Error(`There is no chart of ${id}.`);
    return chart;
  };
  const taken = (chart: ReturnType<typeof chartOf>, steps: unknown): readonly string[] =>
    chart === null ? [] : arrowsTaken(chart, stepsOf(steps)).map(({ from, to, event, guard }) => `${from} –${event}${guard === null ? '' : ` [${guard}]`}→ ${to}`);

  test('is the one that the machine itself has named, step by step, whichever of several its guards let through', () => {
    const config = {
      id: 'fork',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { always: [{ guard: 'isFar', target: 'c' }, { guard: 'isNear', target: 'd' }] }, c: { initial: 'in', states: { in: { after: { aWhile: '#fork.d' } } }, always: { guard: 'isNear', target: 'd' } }, d: {} },
    } as const;
    const heard: InspectMessage[] = [];
    const teller = new Teller({ nowMs: () => 0, wallMs: () => 0, startedAtMs: 0, say: (message) => heard.push(message) });
    const actor = createActor(setup({ guards: { isFar: () => true, isNear: () => true }, delays: { aWhile: 1_000_000 } }).createMachine(config), { inspect: (each) => teller.hear(each) });
    actor.start().send({ type: 'go' });
    const steps = heard.findLast((message) => message.type === '@xstate.snapshot')?.taken;
    expect(taken(chartOf(JSON.stringify(config)), steps)).toEqual(['a –go→ b', 'b –always [isFar]→ c', 'c –always [isNear]→ d']);
  });

  test('is found for delays and for the ends of invoked actors, whose names hold their state’s', () => {
    expect(taken(machineChart('server'), [{ from: 'failed', to: 'connecting', eventType: 'xstate.after.backoff.server.failed', guard: null }])).toEqual(['failed –after backoff→ connecting']);
  });

  test('is none where a message names none, or what this machine does not have', () => {
    expect(taken(machineChart('server'), undefined)).toEqual([]);
    expect(taken(machineChart('server'), [null, 7, { from: 'done' }, { from: 'done', to: 'connecting', eventType: 'server.leased', guard: null }])).toEqual([]);
  });
});

describe('what an actor knows', () => {
  test('is walked with the arrow keys: down and up, right opens and goes in, left closes and goes out', () => {
    const rows = [{ level: 1, isOpen: null }, { level: 1, isOpen: true }, { level: 2, isOpen: false }, { level: 2, isOpen: null }];
    expect(walked(rows, -1, 'ArrowDown')).toEqual({ to: 0, turn: false });
    expect(walked(rows, 3, 'ArrowDown')).toEqual({ to: 3, turn: false });
    expect(walked(rows, 2, 'ArrowRight')).toEqual({ to: 2, turn: true });
    expect(walked(rows, 3, 'ArrowLeft')).toEqual({ to: 1, turn: false });
    expect(walked(rows, 1, 'ArrowLeft')).toEqual({ to: 1, turn: true });
    expect(walked(rows, 0, 'ArrowLeft')).toBeNull();
    expect(walked(rows, 1, 'x')).toBeNull();
  });

  test('is a tree of which small things stand on one line, and the others unfold', () => {
    const text = JSON.stringify({ snapshot: { status: 'active', value: 'x', context: { rate: 2_048.5, head: { kind: 'ok' }, map: { a: [1, 2, 3], b: 'x'.repeat(60) }, peer: { xstate$$type: 1, id: 'server-1' } } } });
    const rows = (turned: readonly string[]): readonly string[] => contextRows(contextOf(text), new Set(turned)).map(({ level, key, text: value }) => `${level} ${key}=${value.slice(0, 20)}`);
    expect(rows([])).toEqual(['1 rate=2048.5', '1 head={ kind: ok }', '1 map=2 entries', '1 peer=→ server-1']);
    expect(rows(['map'])).toContain('2 a=[1, 2, 3]');
  });

  test('of a promise is what it came to', () => {
    expect(contextOf(JSON.stringify({ snapshot: { status: 'done', output: { kind: 'done' } } }))).toEqual({ output: { kind: 'done' } });
    expect(contextRows(contextOf('no JSON'), new Set())).toEqual([]);
  });
});
