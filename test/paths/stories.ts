/** Stories that the environment does not tell: a user at the knobs, a file that does not keep still, odd servers. */
import type { FaultCode } from '../../src/base/faults.ts';
import type { CoordinatorEvent } from '../../src/machines/events.ts';
import type { Fault, Scenario } from '../sim/world/scenario.ts';
import { PLAIN_SERVER } from '../sim/world/sim-server.ts';
import { MIB, storyOf } from './environment.ts';

const tell = (atMs: number, event: CoordinatorEvent): Fault => ({ atMs, kind: 'tell', event });
const story = (name: string, more: Partial<Scenario>): Scenario => ({ ...storyOf([]), faults: [], name, ...more });
/** Servers of these rates, in MiB/s. */
const servers = (...rates: readonly number[]): Scenario['servers'] => rates.map((rate, index) => ({ ...PLAIN_SERVER, rateBytesPerSec: rate * MIB, roundTripMs: 20 + 30 * index }));
const corrupt = (server: number, atMs: number): Fault => ({ atMs, server, kind: 'corrupt' });
const lie = (server: number, code: FaultCode, atMs = 0): Fault => ({ atMs, server, kind: 'lie', code });
const dies = (server: number, atMs: number, isSilent = false): Fault => ({ atMs, server, kind: 'die', isSilent });
const disk = (atMs: number, fault: 'disk-full' | null): Fault => ({ atMs, kind: 'disk', fault });

export const SPECIAL_STORIES: readonly Scenario[] = [
  story('a user who sets lanes and limits', {
    faults: [tell(300, { type: 'lanes.set', mirrorId: 1, maxLanes: 1 }), tell(400, { type: 'limit.set', rateBytesPerSec: 10 * MIB })],
  }),
  story('paused before the first answer', { faults: [{ atMs: 5, kind: 'pause' }, { atMs: 500, kind: 'resume' }] }),
  story('a file that changes while nobody looks', {
    servers: servers(1),
    faults: [{ atMs: 2_000, server: 0, kind: 'change', version: 2, totalBytes: 5 * MIB }, { atMs: 2_500, kind: 'kill' }],
  }),
  story('a file that keeps changing', {
    servers: servers(0.5),
    faults: Array.from({ length: 12 }, (_, index) => ({ atMs: 1_500 * (index + 1), server: 0, kind: 'change', version: index + 2, totalBytes: 5 * MIB }) as const),
  }),
  story('a server that has left the file', { servers: servers(1, 1), faults: [lie(1, 'not-found')] }),
  story('a server that lies again and again', { servers: servers(1, 0.5), faults: [lie(0, 'wrong-range')], totalBytes: 20 * MIB, healAtMs: 30_000 }),
  story('a server that begins to lie on one of its lanes', { servers: servers(1, 0.2), faults: [lie(0, 'wrong-length', 700)], totalBytes: 20 * MIB, healAtMs: 30_000 }),
  story('a name that nobody tells at first', { servers: servers(1, 1), effectMs: 1_000, faults: [tell(300, { type: 'name.unanswered', mirrorId: 1, code: 'refused', detail: '', retryAfterMs: null, atMs: 300 })] }),
  story('nobody there', { servers: servers(1, 1), faults: [dies(0, 0), dies(1, 0)], waitMs: 2_000, healAtMs: Infinity }),
  story('everybody gone for good', { servers: servers(1, 1), faults: [dies(0, 1_000), dies(1, 1_000)], waitMs: 2_000, healAtMs: Infinity }),
  story('two servers of unlike sizes', { servers: servers(1, 1), faults: [{ atMs: 0, server: 1, kind: 'change', version: 2, totalBytes: 4 * MIB }] }),
  story('a server that never answers', { servers: servers(1, 0.2), faults: [dies(0, 0, true)], healAtMs: 20_000 }),
  story('a server that turns samples away', { servers: servers(1, 1).map((spec) => ({ ...spec, lanesMax: 2, roundTripMs: 100 })) }),
  story('a server that has failed and asks, where a sample of it is turned away, for a longer pause', {
    servers: servers(1, 0.25).map((spec, index) => ({ ...spec, roundTripMs: index === 0 ? 400 : 20 })),
    faults: [
      { atMs: 450, server: 0, kind: 'gate', code: 'unavailable', retryAfterMs: 400 },
      { atMs: 700, server: 0, kind: 'reset', code: 'reset' },
      { atMs: 750, server: 0, kind: 'gate', code: 'unavailable', retryAfterMs: 1_500 },
      { atMs: 3_500, server: 0, kind: 'ungate' },
    ],
  }),
  story('a machine that goes down after a while', { servers: servers(0.1), faults: [{ atMs: 12_000, kind: 'crash' }], healAtMs: 60_000 }),
  story('pieces of which one server has some wrong', { servers: servers(1, 1, 1), pieceBytes: 256 * 1024, faults: [corrupt(0, 600), corrupt(0, 900)] }),
  story('pieces that the only server has wrong', { servers: servers(1), pieceBytes: 256 * 1024, faults: [corrupt(0, 0)], healAtMs: Infinity }),
  story('wrong bytes on which all agree', { servers: servers(2, 2, 2), hasChecksum: true, faults: [corrupt(0, 0), corrupt(1, 0), corrupt(2, 0)], healAtMs: Infinity }),
  story('wrong bytes on which most agree', { servers: servers(2, 2, 2), hasChecksum: true, faults: [corrupt(0, 0), corrupt(1, 0)], healAtMs: Infinity }),
  story('wrong bytes on which all but one agree', { servers: servers(2, 2, 2, 2), hasChecksum: true, faults: [corrupt(0, 0), corrupt(1, 0), corrupt(2, 0)], healAtMs: Infinity }),
  story('a disk that fills while wrong bytes are looked for, twice', {
    servers: servers(2, 2, 2),
    hasChecksum: true,
    waitsForRoom: true,
    faults: [corrupt(0, 600), disk(950, 'disk-full'), { atMs: 1_800, kind: 'resume' }, disk(2_500, null), { atMs: 2_600, kind: 'resume' }],
    healAtMs: Infinity,
  }),
  story('stopped while wrong bytes are looked for', { servers: servers(2, 2, 2), hasChecksum: true, faults: [corrupt(0, 600), { atMs: 1_300, kind: 'abort' }], healAtMs: Infinity }),
  story('paused while wrong bytes are looked for', { servers: servers(2, 2, 2), hasChecksum: true, faults: [corrupt(0, 600), { atMs: 1_300, kind: 'pause' }, { atMs: 2_000, kind: 'resume' }], healAtMs: Infinity }),
  story('a stream whose size nobody tells', { servers: servers(1).map((spec) => ({ ...spec, ranges: false, tellsSize: false })) }),
  story('a first answer that most do not share, with a data plane that takes its time', { servers: servers(1, 1, 1), threadDelayMs: 30, faults: [{ atMs: 0, server: 0, kind: 'change', version: 2, totalBytes: 4 * MIB }] }),
  story('a version that is given up while its writers drain', { servers: servers(0.5, 0.5, 0.5), threadDelayMs: 20, faults: [0, 1, 2].map((server) => ({ atMs: 1_500, server, kind: 'change', version: 2, totalBytes: 4 * MIB }) as const) }),
  story('stopped while the name is being given', { servers: servers(5, 5), effectMs: 2_000, faults: [{ atMs: 7_700, kind: 'abort' }] }),
  story('a full disk that is waited for, twice', { waitsForRoom: true, faults: [disk(500, 'disk-full'), { atMs: 1_500, kind: 'resume' }, disk(2_500, null), { atMs: 2_600, kind: 'resume' }] }),
];
