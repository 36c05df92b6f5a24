/** Recordings made for tests: lines as `--record` writes them, of a download as long as a test wants it. */
import { segmentMachine } from '../../../src/machines/segment.ts';
import { serverMachine } from '../../../src/machines/server.ts';
import { coordinatorMachine } from '../../../src/machines/coordinator.ts';
import { MESSAGES_VERSION } from '../../../src/inspect/messages.ts';
import type { InspectMessage, Json, ShownSnapshot } from '../../../src/inspect/messages.ts';

/** What every message has, given here. */
type Bare<Message> = Message extends InspectMessage ? Omit<Message, 't' | 'rootId' | 'createdAt' | 'id' | '_version'> : never;

const DEFINITIONS = { coordinator: JSON.stringify(coordinatorMachine.config), server: JSON.stringify(serverMachine.config), segment: JSON.stringify(segmentMachine.config) };

/** Writes lines; a step between two messages is a millisecond unless it is told otherwise. */
export class RecordingWriter {
  readonly lines: string[] = [];
  atMs = 0;

  constructor() {
    this.say({ type: 'plait.hello', version: MESSAGES_VERSION, plait: '0.1.0', command: 'get', startedAt: '2026-11-22T18:50:00.000Z', recording: null });
  }

  say(message: Bare<InspectMessage>): void {
    const about = message.type.startsWith('@xstate.') ? { rootId: 'coordinator', createdAt: String(1_795_374_818_877 + this.atMs), id: null, _version: '0.7.2' } : {};
    this.lines.push(JSON.stringify({ ...message, t: this.atMs, ...about }));
    this.atMs += 1;
  }

  /** An actor, whose name is its session too. */
  actor(name: string, machine: keyof typeof DEFINITIONS, value: string | Json, context: Json = {}): void {
    const parent = machine === 'coordinator' ? {} : { parentId: 'coordinator' };
    this.say({ type: '@xstate.actor', sessionId: name, name, definition: DEFINITIONS[machine], ...parent, snapshot: { status: 'active', value, context } });
  }

  event(to: string, type: string, from?: string): void {
    this.say({ type: '@xstate.event', sessionId: to, event: { type }, ...(from === undefined ? {} : { sourceId: from }) });
  }

  /** The actor takes an event and stands so afterwards. */
  snapshot(of: string, type: string, value: Json, context: Json = {}, status: ShownSnapshot['status'] = 'active'): void {
    this.say({ type: '@xstate.snapshot', sessionId: of, event: { type }, snapshot: { status, value, context } });
  }

  gone(name: string): void {
    this.say({ type: 'plait.gone', sessionId: name });
  }

  end(exitStatus = 0): void {
    this.say({ type: 'plait.end', exitStatus });
  }
}

export interface LongRecording {
  readonly lines: readonly string[];
  readonly actors: number;
  readonly events: number;
  /** A segment that is still at work at the end. */
  readonly lastSegment: string;
}

/** A download of many segments from eight servers: each goes its whole way but the last twenty. */
export function longRecording(actors: number, events: number): LongRecording {
  const writer = new RecordingWriter();
  const servers = 8;
  const segments = actors - servers - 1;
  // Beside its own events each segment shrinks as often as it takes to come to so many.
  const shrinks = Math.ceil(events / segments);
  writer.actor('coordinator', 'coordinator', 'transferring', { nextSegmentId: 1 });
  for (let mirrorId = 1; mirrorId <= servers; mirrorId += 1) writer.actor(`server-${mirrorId}`, 'server', 'downloading', { mirrorId, url: `http://127.0.0.1:${11_000 + mirrorId * 1_000}/` });
  let told = 0;
  for (let segmentId = 1; segmentId <= segments; segmentId += 1) {
    const name = `segment-${segmentId}`;
    const mirrorId = 1 + (segmentId % servers);
    const context = { segmentId, mirrorId, start: segmentId * 65_536, end: (segmentId + 1) * 65_536, failures: 0 };
    writer.actor(name, 'segment', { leased: 'connecting' }, context);
    writer.snapshot(name, 'lease.opened', { leased: 'downloading' }, context);
    for (let shrink = 0; shrink < shrinks && told < events; shrink += 1, told += 1) writer.event(name, 'segment.shrink', 'coordinator');
    if (segmentId > segments - 20) continue;
    writer.snapshot(name, 'lease.ended', 'done', context, 'done');
    writer.gone(name);
  }
  return { lines: writer.lines, actors, events: told, lastSegment: `segment-${segments}` };
}
