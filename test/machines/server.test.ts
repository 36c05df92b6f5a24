import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { BACKOFF_MAX_MS, LIES_FORGIVEN } from '../../src/base/bounds.ts';
import type { FaultCode } from '../../src/base/faults.ts';
import type { ServerFact } from '../../src/machines/events.ts';
import { serverMachine } from '../../src/machines/server.ts';
import { failure, head } from './support/facts.ts';
import { listening } from './support/parent.ts';

function server() {
  const clock = new SimulatedClock();
  const heard: ServerFact[] = [];
  const actor = listening(serverMachine, { mirrorId: 3, url: 'http://a/f', maxLanes: 6, isOneOfMany: false, seed: 1 }, (fact) => heard.push(fact as ServerFact), clock);
  const fail = (code: FaultCode, lanesLeft = 0, retryAfterMs?: number): void =>
    actor.send({ type: 'server.settled', outcome: failure(code, retryAfterMs === undefined ? {} : { retryAfterMs }), lanesLeft, deliveredBytes: 0, writtenEnd: 0, atMs: clock.now() });
  const deliver = (lanesLeft = 0): void => actor.send({ type: 'server.settled', outcome: { kind: 'done' }, lanesLeft, deliveredBytes: 50, writtenEnd: 50, atMs: clock.now() });
  const answer = (): void => {
    actor.send({ type: 'server.leased', lanes: 1, atMs: clock.now() });
    actor.send({ type: 'server.answered', head: head(), atMs: clock.now() });
  };
  return { actor, clock, heard, fail, deliver, answer, state: () => actor.getSnapshot().value, record: () => actor.getSnapshot().context };
}

describe('a server', () => {
  test('goes from connecting over downloading to ready, and back to work', () => {
    const { actor, state, answer, deliver } = server();
    expect(state()).toBe('connecting');
    answer();
    expect(state()).toBe('downloading');
    deliver();
    expect(state()).toBe('ready');
    actor.send({ type: 'server.leased', lanes: 1, atMs: 5 });
    expect(state()).toBe('downloading');
    actor.send({ type: 'server.finish' });
    expect(state()).toBe('done');
  });

  test('that fails is left alone, then asked again, and its return is told', () => {
    const { clock, state, answer, fail, heard } = server();
    fail('refused');
    expect(state()).toBe('failed');
    clock.increment(999);
    expect(state()).toBe('failed');
    clock.increment(BACKOFF_MAX_MS);
    expect(state()).toBe('connecting');
    answer();
    expect(state()).toBe('downloading');
    expect(heard.map((fact) => fact.type)).toEqual(['server.lost', 'server.available', 'server.returned']);
  });

  test('honours Retry-After', () => {
    const { clock, state, fail } = server();
    fail('unavailable', 0, 60_000);
    clock.increment(59_999);
    expect(state()).toBe('failed');
    clock.increment(13_000);
    expect(state()).toBe('connecting');
  });

  test('that is left alone is left alone for longer where another of its lanes, such as a sample’s, is told so, and for no strike more', () => {
    const { clock, state, fail, record, heard } = server();
    fail('reset');
    const { strikes } = record();
    fail('unavailable', 0, 100);
    expect(heard).toHaveLength(1);
    clock.increment(500);
    fail('too-many-requests', 0, 10_000);
    expect(record().strikes).toBe(strikes);
    clock.increment(9_999);
    expect(state()).toBe('failed');
    clock.increment(1);
    expect(state()).toBe('connecting');
    expect(heard.map((fact) => fact.type)).toEqual(['server.lost', 'server.lost', 'server.available']);
  });

  test('honours the longest Retry-After of its lanes, whichever was turned away last', () => {
    const { clock, state, fail } = server();
    fail('unavailable', 1, 60_000);
    fail('refused', 0);
    clock.increment(59_999);
    expect(state()).toBe('failed');
    clock.increment(13_000);
    expect(state()).toBe('connecting');
  });

  test('whose work is taken away before it has answered is not held to be there', () => {
    const { actor, state, record, clock } = server();
    actor.send({ type: 'server.leased', lanes: 1, atMs: 0 });
    actor.send({ type: 'server.settled', outcome: { kind: 'done' }, lanesLeft: 0, deliveredBytes: 0, writtenEnd: 0, atMs: clock.now() });
    expect(state()).toBe('connecting');
    expect(record()).toMatchObject({ liveLanes: 0, rateBytesPerSec: 0 });
  });

  test('that breaks off beside its other lanes keeps the number it may have', () => {
    const { actor, answer, record } = server();
    answer();
    const before = record().lanes.cap;
    actor.send({ type: 'server.settled', outcome: failure('reset', { inBody: true }), lanesLeft: 1, deliveredBytes: 50, writtenEnd: 50, atMs: 1_000 });
    expect(record().lanes).toMatchObject({ cap: before, pause: { cap: 1, untilMs: 2_000 } });
  });

  test('that delivers after a silence is found to be as fast as it shows', () => {
    const { actor, answer, record } = server();
    answer();
    for (let atMs = 100; atMs <= 3_000; atMs += 100) actor.send({ type: 'server.measured', inFlightBytes: 0, lanes: 1, mayTryMore: true, atMs });
    expect(record().rateBytesPerSec).toBe(0);
    actor.send({ type: 'server.settled', outcome: { kind: 'done' }, lanesLeft: 0, deliveredBytes: 0, writtenEnd: 0, atMs: 3_100 });
    actor.send({ type: 'server.leased', lanes: 1, atMs: 5_000 });
    actor.send({ type: 'server.settled', outcome: { kind: 'done' }, lanesLeft: 0, deliveredBytes: 1_000, writtenEnd: 1_000, atMs: 5_010 });
    expect(record().rateBytesPerSec).toBe(100_000);
  });

  test('with another lane at work takes a refused lane as one too many, not as a strike', () => {
    const { state, answer, fail, record } = server();
    answer();
    fail('refused', 1);
    expect(state()).toBe('downloading');
    expect(record()).toMatchObject({ strikes: 0, lanes: { cap: 1 } });
  });

  test('that lies again and again is quarantined', () => {
    const { clock, state, fail } = server();
    for (let lie = 0; lie < LIES_FORGIVEN; lie += 1) {
      fail('wrong-range');
      expect(state()).toBe('failed');
      clock.increment(BACKOFF_MAX_MS * 2);
    }
    fail('wrong-range');
    expect(state()).toBe('quarantined');
  });

  test('that delivers is forgiven its strikes and lies', () => {
    const { clock, answer, fail, deliver, record } = server();
    fail('wrong-range');
    clock.increment(BACKOFF_MAX_MS * 2);
    answer();
    deliver();
    expect(record()).toMatchObject({ strikes: 0, lies: 0 });
  });

  test('without the file retires', () => {
    const { state, fail, heard } = server();
    fail('not-found');
    expect(state()).toBe('retired');
    expect(heard.at(-1)).toMatchObject({ type: 'server.ended', mirrorId: 3, code: 'not-found' });
  });

  test('that serves no parts is ready for the whole, on one lane', () => {
    const { state, fail, record } = server();
    fail('no-ranges');
    expect(state()).toBe('ready');
    expect(record()).toMatchObject({ manner: 'whole', lanes: { cap: 1 } });
  });

  test('whose lane is cancelled by us is not to blame', () => {
    const { state, fail, record } = server();
    fail('cancelled');
    expect(state()).toBe('connecting');
    expect(record()).toMatchObject({ strikes: 0, lastFault: null });
  });

  test('that speaks of another file waits for the vote', () => {
    const { actor, state, fail } = server();
    fail('other-size');
    expect(state()).toBe('ready');
    actor.send({ type: 'server.refuse', code: 'other-size', detail: '5 bytes', atMs: 1 });
    expect(state()).toBe('retired');
  });
});
