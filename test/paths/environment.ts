/**
 * The world as a machine whose events are the faults: what may go wrong next, given what has gone wrong already. Its
 * paths are the stories that a download has to live through.
 */
import { createMachine, getInitialSnapshot, getNextSnapshot } from 'xstate';
import type { Fault } from '../sim/world/scenario.ts';
import { SCENARIO_DEFAULTS } from '../sim/world/scenario.ts';
import type { Scenario } from '../sim/world/scenario.ts';
import { PLAIN_SERVER } from '../sim/world/sim-server.ts';

export const environment = createMachine({
  id: 'environment',
  description: 'A download from three servers; the faults befall the first, and the client.',
  type: 'parallel',
  states: {
    server: {
      initial: 'well',
      states: {
        well: { on: { kill: 'dead', stall: 'stalled', slow: 'slow', reset: 'well', corrupt: 'corrupt', turnAway: 'busy' } },
        dead: { on: { revive: 'well' } },
        stalled: { on: { kill: 'dead', goOn: 'well' } },
        slow: { on: { kill: 'dead', stall: 'stalled', recover: 'well', reset: 'slow' } },
        corrupt: { on: { kill: 'dead' } },
        busy: { on: { kill: 'dead', letIn: 'well' } },
      },
    },
    mirror: {
      initial: 'named',
      states: { named: { on: { drop: 'dropped', add: 'more' } }, more: { on: { drop: 'dropped' } }, dropped: { on: { restore: 'named' } } },
    },
    client: {
      initial: 'running',
      states: { running: { on: { pause: 'paused', crash: 'running', killClient: 'running', abort: 'running', fillDisk: 'full' } }, paused: { on: { resume: 'running', crash: 'running', abort: 'running' } }, full: { on: { makeRoom: 'running' } } },
    },
  },
});

export const EVENTS = ['kill', 'revive', 'stall', 'goOn', 'slow', 'recover', 'reset', 'corrupt', 'turnAway', 'letIn', 'add', 'drop', 'restore', 'pause', 'resume', 'crash', 'killClient', 'abort', 'fillDisk', 'makeRoom'] as const;
export type EnvironmentEvent = (typeof EVENTS)[number];

/** Every story of up to `depth` events that can be told. */
export function pathsUpTo(depth: number): readonly (readonly EnvironmentEvent[])[] {
  const stories: EnvironmentEvent[][] = [];
  const walk = (snapshot: ReturnType<typeof getInitialSnapshot<typeof environment>>, told: EnvironmentEvent[]): void => {
    if (told.length > 0) stories.push(told);
    if (told.length === depth) return;
    for (const type of EVENTS) if (snapshot.can({ type })) walk(getNextSnapshot(environment, snapshot, { type }), [...told, type]);
  };
  walk(getInitialSnapshot(environment), []);
  return stories;
}

function faultOf(event: EnvironmentEvent, atMs: number): Fault {
  const server = 0;
  switch (event) {
    case 'kill':
      return { atMs, server, kind: 'die', isSilent: false };
    case 'revive':
      return { atMs, server, kind: 'revive' };
    case 'stall':
      return { atMs, server, kind: 'stall' };
    case 'goOn':
      return { atMs, server, kind: 'unstall' };
    case 'slow':
      return { atMs, server, kind: 'slow', factor: 0.05 };
    case 'recover':
      return { atMs, server, kind: 'slow', factor: 1 };
    case 'reset':
      return { atMs, server, kind: 'reset', code: 'reset' };
    case 'corrupt':
      return { atMs, server, kind: 'corrupt' };
    case 'turnAway':
      return { atMs, server, kind: 'gate', code: 'unavailable', retryAfterMs: 1_500 };
    case 'letIn':
      return { atMs, server, kind: 'ungate' };
    case 'add':
      return { atMs, server: 3, kind: 'add' };
    case 'drop':
      return { atMs, server, kind: 'drop' };
    case 'restore':
      return { atMs, kind: 'tell', event: { type: 'mirror.restore', mirrorId: 1, url: 'http://sim-1/file' } };
    case 'pause':
      return { atMs, kind: 'pause' };
    case 'resume':
      return { atMs, kind: 'resume' };
    case 'crash':
      return { atMs, kind: 'crash' };
    case 'killClient':
      return { atMs, kind: 'kill' };
    case 'abort':
      return { atMs, kind: 'abort' };
    case 'fillDisk':
      return { atMs, kind: 'disk', fault: 'disk-full' };
    case 'makeRoom':
      return { atMs, kind: 'disk', fault: null };
  }
}

export const MIB = 1024 * 1024;
/** Between two events of a story: long enough for a pause after a failure to end. */
const EVENT_EVERY_MS = 600;

/** A story as a world: three servers, a fourth that may be added, and a file of some seconds. */
export const storyOf = (events: readonly EnvironmentEvent[]): Scenario => ({
  ...SCENARIO_DEFAULTS,
  name: events.join(', '),
  totalBytes: 5 * MIB,
  servers: [2, 1, 0.5, 1].map((rate, index) => ({ ...PLAIN_SERVER, rateBytesPerSec: rate * MIB, roundTripMs: 20 + 30 * index })),
  // The fourth is named only where the story adds it.
  faults: [...(events.includes('add') ? [] : [{ atMs: 0, server: 3, kind: 'add' } as const]), ...events.map((event, index) => faultOf(event, 400 + index * EVENT_EVERY_MS))],
  hasChecksum: events.includes('corrupt'),
  waitMs: 60_000,
  healAtMs: 5_000,
});
