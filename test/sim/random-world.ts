/**
 * Random worlds: the seed alone says what is in one. Honest worlds have servers that die, come back, stall, slow down and
 * reset; they are judged on speed and safety. Wild worlds add lies, changed files, full disks, kills and crashes; in a quarter of
 * them there are also the hashes of pieces; they are judged on safety and, once everything has healed, on coming to an end.
 */
import type { FaultCode } from '../../src/base/faults.ts';
import { chance, draw, drawBetween, drawInt, drawLog, pick } from './world/dice.ts';
import type { Dice } from './world/dice.ts';
import { SCENARIO_DEFAULTS } from './world/scenario.ts';
import type { Fault, Scenario } from './world/scenario.ts';
import { PLAIN_SERVER } from './world/sim-server.ts';
import type { ServerSpec } from './world/sim-server.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Codes a whole server may turn requests away with. */
const GATES: readonly FaultCode[] = ['unavailable', 'too-many-requests', 'refused', 'closed-early'];
const LIES: readonly FaultCode[] = ['bad-head', 'head-too-large', 'wrong-range', 'wrong-length', 'http-status', 'wrong-encoding', 'not-found', 'forbidden'];

function randomServer(dice: Dice): ServerSpec {
  const rateBytesPerSec = drawLog(dice, 32 * KIB, 32 * MIB);
  return {
    ...PLAIN_SERVER,
    rateBytesPerSec,
    roundTripMs: drawLog(dice, 2, 400),
    connectRoundTrips: chance(dice, 0.5) ? 1 : 0,
    slowStart: chance(dice, 0.5),
    laneBytesPerSec: chance(dice, 0.2) ? rateBytesPerSec * drawBetween(dice, 0.2, 1) : Infinity,
    lanesMax: chance(dice, 0.15) ? drawInt(dice, 1, 4) : Infinity,
    tag: chance(dice, 0.85) ? 'strong' : 'none',
  };
}

/** One thing that goes wrong with a server, and mostly its end. */
function honestTrouble(dice: Dice, server: number, spanMs: number): readonly Fault[] {
  const atMs = drawBetween(dice, 0, 0.9 * spanMs);
  const overAtMs = chance(dice, 0.6) ? atMs + drawBetween(dice, 0.02, 0.5) * spanMs : Infinity;
  const until = (fault: Fault): readonly Fault[] => (overAtMs < Infinity ? [{ ...fault, atMs: overAtMs }] : []);
  switch (pick(dice, ['die', 'stall', 'slow', 'reset'] as const)) {
    case 'die':
      return [{ atMs, server, kind: 'die', isSilent: chance(dice, 0.2) }, ...until({ atMs, server, kind: 'revive' })];
    case 'stall':
      return [{ atMs, server, kind: 'stall' }, ...until({ atMs, server, kind: 'unstall' })];
    case 'slow':
      return [{ atMs, server, kind: 'slow', factor: drawLog(dice, 0.01, 0.7) }, ...until({ atMs, server, kind: 'slow', factor: drawBetween(dice, 0.5, 1) })];
    case 'reset':
      return Array.from({ length: drawInt(dice, 1, 3) }, (_, index) => ({ atMs: atMs + index * drawBetween(dice, 1, 0.2 * spanMs), server, kind: 'reset', code: pick(dice, ['reset', 'closed-early'] as const) }));
  }
}

function wildTrouble(dice: Dice, server: number, spanMs: number, totalBytes: number): readonly Fault[] {
  const atMs = chance(dice, 0.2) ? 0 : drawBetween(dice, 0, spanMs);
  const overAtMs = atMs + drawBetween(dice, 0.02, 0.5) * spanMs;
  switch (pick(dice, ['gate', 'lie', 'corrupt', 'change', 'add', 'drop'] as const)) {
    case 'gate':
      return [
        { atMs, server, kind: 'gate', code: pick(dice, GATES), retryAfterMs: chance(dice, 0.5) ? drawBetween(dice, 0, 20_000) : null },
        ...(chance(dice, 0.7) ? [{ atMs: overAtMs, server, kind: 'ungate' } as const] : []),
      ];
    case 'lie':
      return [{ atMs, server, kind: 'lie', code: pick(dice, LIES) }, ...(chance(dice, 0.5) ? [{ atMs: overAtMs, server, kind: 'honest' } as const] : [])];
    case 'corrupt':
      return [{ atMs, server, kind: 'corrupt' }, ...(chance(dice, 0.5) ? [{ atMs: overAtMs, server, kind: 'sound' } as const] : [])];
    case 'change': {
      // Often enough the file changes on all mirrors at about the same time; one that only this server has is a lie.
      const version = 2;
      return [{ atMs, server, kind: 'change', version, totalBytes }];
    }
    case 'add':
      return [{ atMs, server, kind: 'add' }];
    case 'drop':
      return [{ atMs, server, kind: 'drop' }];
  }
}

function clientTrouble(dice: Dice, spanMs: number): readonly Fault[] {
  const atMs = drawBetween(dice, 0, 1.2 * spanMs);
  const overAtMs = atMs + drawBetween(dice, 0.01, 0.3) * spanMs;
  switch (pick(dice, ['kill', 'crash', 'disk', 'pause', 'abort'] as const)) {
    case 'kill':
      return [{ atMs, kind: 'kill' }];
    case 'crash':
      return [{ atMs, kind: 'crash' }];
    case 'disk':
      return [{ atMs, kind: 'disk', fault: pick(dice, ['disk-full', 'disk-failed'] as const) }, { atMs: overAtMs, kind: 'disk', fault: null }];
    case 'pause':
      return [{ atMs, kind: 'pause' }, { atMs: overAtMs, kind: 'resume' }];
    case 'abort':
      return [{ atMs, kind: 'abort' }];
  }
}

const effectiveBytesPerSec = ({ rateBytesPerSec, laneBytesPerSec, lanesMax }: ServerSpec): number => Math.min(rateBytesPerSec, laneBytesPerSec * Math.min(6, lanesMax));

/** `small`: few servers and seconds, for many worlds in little time. */
export type WorldSize = 'small' | 'full';

/** A world of honest servers. */
export function honestWorld(seed: number, size: WorldSize = 'full'): Scenario {
  const dice: Dice = { seed };
  const count = Math.round(drawLog(dice, 1, size === 'small' ? 5 : 32));
  const servers = Array.from({ length: count }, () => randomServer(dice));
  const sum = servers.reduce((all, spec) => all + effectiveBytesPerSec(spec), 0);
  const linkBytesPerSec = chance(dice, 0.3) ? sum * drawBetween(dice, 0.3, 0.9) : Infinity;
  const spanMs = size === 'small' ? drawLog(dice, 2_000, 10_000) : drawLog(dice, 5_000, 60_000);
  const totalBytes = Math.max(64 * KIB, Math.round((Math.min(sum, linkBytesPerSec) * spanMs) / 1_000));
  const spared = drawInt(dice, 0, count - 1);
  const faults = servers.flatMap((_, server) => (chance(dice, 0.35) && server !== spared ? honestTrouble(dice, server, spanMs) : []));
  return {
    ...SCENARIO_DEFAULTS,
    name: `honest world ${seed}`,
    seed,
    totalBytes,
    linkBytesPerSec,
    servers,
    faults: faults.toSorted((a, b) => a.atMs - b.atMs),
    threadDelayMs: chance(dice, 0.2) ? drawBetween(dice, 0.01, 3) : 0,
    waitMs: 60_000,
    healAtMs: 4 * spanMs + 30_000,
  };
}

/** A world in which anything may happen. */
export function wildWorld(seed: number, size: WorldSize = 'full'): Scenario {
  const honest = honestWorld(seed, size);
  const dice: Dice = { seed: seed ^ 0x5eed };
  const servers = honest.servers.slice(0, 8).map((spec) => ({ ...spec, ranges: chance(dice, 0.93) }));
  const spanMs = size === 'small' ? drawLog(dice, 1_000, 8_000) : drawLog(dice, 3_000, 30_000);
  const sum = servers.reduce((all, spec) => all + effectiveBytesPerSec(spec), 0);
  const totalBytes = Math.max(1, Math.round((Math.min(sum, honest.linkBytesPerSec) * spanMs) / 1_000) * (chance(dice, 0.05) ? 0.001 : 1));
  const whole = Math.round(totalBytes);
  const newTotal = chance(dice, 0.5) ? whole : Math.max(1, Math.round(whole * drawBetween(dice, 0.5, 1.5)));
  const everyoneChanges = chance(dice, 0.15) ? drawBetween(dice, 0, spanMs) : null;
  const faults: Fault[] = servers.flatMap((_, server) => [
    ...(chance(dice, 0.4) ? honestTrouble(dice, server, spanMs) : []),
    ...(chance(dice, 0.35) ? wildTrouble(dice, server, spanMs, newTotal) : []),
    ...(everyoneChanges === null ? [] : [{ atMs: everyoneChanges + drawBetween(dice, 0, 1_000), server, kind: 'change', version: 2, totalBytes: newTotal } as const]),
  ]);
  for (let count = drawInt(dice, 0, 3); count > 0; count -= 1) faults.push(...clientTrouble(dice, spanMs));
  // Without a checksum nobody can know wrong bytes of the right size, or which of two versions is meant.
  const isCorrupted = faults.some(({ kind }) => kind === 'corrupt');
  const hasChanged = faults.some(({ kind }) => kind === 'change');
  const isMixed = hasChanged && (everyoneChanges === null || servers.some(({ tag }) => tag === 'none'));
  const cuts: Dice = { seed: seed ^ 0x91ece };
  const load: Dice = { seed: seed ^ 0x10ad };
  return {
    ...honest,
    name: `wild world ${seed}`,
    totalBytes: whole,
    servers,
    faults: faults.toSorted((a, b) => a.atMs - b.atMs),
    hasChecksum: isCorrupted || isMixed || draw(dice) < 0.3,
    pieceBytes: chance(cuts, 0.25) ? Math.max(16 * KIB, Math.ceil(whole / drawInt(cuts, 1, 40))) : null,
    busyUntilMs: chance(load, 0.15) ? drawBetween(load, 0, spanMs) : 0,
    healAtMs: 1.5 * spanMs + 5_000,
  };
}
