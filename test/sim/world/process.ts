/**
 * One process of a simulated world: the real coordinator with its real servers and segments, and simulated effects.
 * What `src/wiring/session.ts` does with sockets and files, this does with flows and runs.
 */
import { createActor, fromCallback, fromPromise } from 'xstate';
import type { Actor, EventObject, InspectionEvent } from 'xstate';
import { JOURNAL_FLUSH_MS, SAMPLE_SILENCE_MS, SYNC_MS, TICK_MS } from '../../../src/base/bounds.ts';
import { PlaitError } from '../../../src/base/errors.ts';
import type { ByteRange } from '../../../src/base/range.ts';
import type { CoordinatorContext, Proof } from '../../../src/machines/coordinator-context.ts';
import { coordinatorMachine } from '../../../src/machines/coordinator.ts';
import type { Decision } from '../../../src/machines/decisions.ts';
import type { CoordinatorEvent, SampleInput } from '../../../src/machines/events.ts';
import type { EndReason } from '../../../src/machines/plan/ending.ts';
import type { PlanPolicy } from '../../../src/machines/plan/policy.ts';
import type { Outcome, RecoveredWork } from '../../../src/machines/rulings/on-course.ts';
import type { Effect } from '../../../src/machines/rulings/ruling.ts';
import { segmentMachine } from '../../../src/machines/segment.ts';
import { Transfers } from '../../../src/wiring/transfers.ts';
import type { Scenario } from './scenario.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimFarm } from './farm.ts';
import { SimPlane } from './sim-plane.ts';
import type { PlaneFaults } from './sim-plane.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';
import type { Witness } from './witness.ts';

export type EffectName = 'nameTarget' | 'openStore' | 'verify' | 'publish' | 'keep';

export interface ProcessOptions {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly farm: SimFarm;
  readonly disk: SimDisk;
  readonly witness: Witness;
  /** Indices of the servers named on this command line; a mirror's number is its index and one. */
  readonly named: readonly number[];
  readonly rules?: PlaneFaults;
  readonly policy?: PlanPolicy;
  readonly trap?: (effect: EffectName) => void;
  readonly inspect?: (event: InspectionEvent) => void;
  readonly onDecision: (decision: Decision) => void;
}

export type ProcessEnd = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: EndReason };

const urlOf = (mirrorId: number): string => `http://sim-${mirrorId}/file`;

export class SimProcess {
  readonly #options: ProcessOptions;
  readonly #plane: SimPlane;
  readonly #actor: Actor<typeof coordinatorMachine>;
  readonly #transfers: Transfers;
  readonly #timers = new Set<Timer>();
  #flushedAtMs = 0;
  #syncedAtMs = 0;
  #isDead = false;
  end: ProcessEnd | null = null;
  /** A promise actor is at work: it needs microtasks, not time. */
  awaitsMicrotasks = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const { clock, farm, disk, witness, scenario } = options;
    this.#transfers = new Transfers(() => this.#plane, clock.now);
    this.#plane = new SimPlane({
      clock, net: farm.net, disk, witness,
      serverOf: (mirrorId) => farm.servers[mirrorId - 1] ?? null,
      onFact: (fact) => this.#transfers.onFact(fact),
      threadDelayMs: scenario.threadDelayMs,
      ...(options.rules === undefined ? {} : { rules: options.rules }),
    });
    const machine = coordinatorMachine.provide({
      actors: {
        segment: segmentMachine.provide({ actors: { transfer: this.#transfers.logic } }),
        clock: this.#clockLogic(),
        effects: fromCallback<Effect, null>(({ receive, sendBack }) => receive((effect) => this.#attempt(sendBack, () => this.#carryOut(effect)))),
        sample: fromCallback<EventObject, SampleInput>(({ input, sendBack }) => this.#sample(input, sendBack)),
        nameTarget: fromPromise<Outcome<object>, { readonly waitMs: number }>(() => this.#outcome('nameTarget', (): Outcome<object> => ({ kind: 'done' }))),
        openStore: fromPromise<Outcome<{ readonly recovered: RecoveredWork | null }>, null>(() => this.#outcome('openStore', () => this.#openStore())),
        verify: fromPromise<Outcome<{ readonly proof: Proof }>, { readonly totalBytes: number }>(({ input }) => this.#outcome('verify', () => this.#verify(input.totalBytes))),
        publish: fromPromise<Outcome<{ readonly path: string }>, { readonly totalBytes: number }>(({ input }) => this.#outcome('publish', () => this.#publish(input.totalBytes))),
        keep: fromPromise<EndReason, { readonly reason: EndReason }>(({ input }) => this.#kept(input.reason)),
      },
    });
    const mirrors = options.named.map((index) => ({ mirrorId: index + 1, url: urlOf(index + 1) }));
    const { waitMs, maxLanes, seed } = scenario;
    for (const { mirrorId, url } of mirrors) this.#plane.post({ type: 'mirror.add', mirrorId, url, validator: null });
    this.#actor = createActor(machine, { id: 'coordinator', clock, input: { mirrors, waitMs, maxLanes, seed, atMs: clock.nowMs, ...(options.policy === undefined ? {} : { policy: options.policy }) }, ...(options.inspect === undefined ? {} : { inspect: options.inspect }) });
    this.#actor.on('decision', options.onDecision);
    this.#actor.subscribe({
      error: (error) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
      complete: () => this.#completed(),
    });
  }

  start(): void {
    this.#flushedAtMs = this.#options.clock.nowMs;
    this.#syncedAtMs = this.#options.clock.nowMs;
    this.#actor.start();
  }

  get context(): CoordinatorContext {
    return this.#actor.getSnapshot().context;
  }

  get state(): string {
    const { value } = this.#actor.getSnapshot();
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  send(event: CoordinatorEvent): void {
    this.#actor.send(event);
  }

  addMirror(index: number): void {
    const mirrorId = index + 1;
    this.#plane.post({ type: 'mirror.add', mirrorId, url: urlOf(mirrorId), validator: null });
    this.#options.disk.addSource(mirrorId, null);
    this.send({ type: 'mirror.add', mirrorId, url: urlOf(mirrorId) });
  }

  /** SIGKILL: nobody is told anything. */
  kill(): void {
    this.#isDead = true;
    this.#plane.kill();
    for (const timer of this.#timers) this.#options.clock.cancel(timer);
    this.#actor.stop();
  }

  #completed(): void {
    if (this.#isDead) return;
    const { value, context } = this.#actor.getSnapshot();
    this.end = value === 'done' ? { kind: 'done' } : { kind: 'failed', reason: context.ending ?? { code: 'bug', message: 'it ended without a reason' } };
    void this.#plane.close();
  }

  /** The effect's result comes when the clock has moved on a little, as an IO actor's does. */
  #io<Result>(name: EffectName, effect: () => Result): Promise<Result> {
    const { clock, trap } = this.#options;
    return new Promise((resolve, reject) => {
      clock.at(clock.nowMs, () => {
        if (this.#isDead) return;
        this.awaitsMicrotasks += 1;
        try {
          trap?.(name);
          resolve(effect());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  /** As the session does it: an error of ours is an outcome, and any other is a bug that rejects. */
  #outcome<Done extends object>(name: EffectName, effect: () => Outcome<Done>): Promise<Outcome<Done>> {
    return this.#io(name, effect).catch((error: unknown): Outcome<Done> => {
      if (!(error instanceof PlaitError)) throw error;
      return { kind: 'failed', reason: { code: error.code, message: error.message } };
    });
  }

  #clockLogic(): ReturnType<typeof fromCallback<EventObject, null>> {
    const { clock } = this.#options;
    return fromCallback<EventObject, null>(({ sendBack }) => {
      let timer: Timer | null = null;
      const tick = (): void => {
        if (timer !== null) this.#timers.delete(timer);
        timer = clock.at(clock.nowMs + TICK_MS, tick);
        this.#timers.add(timer);
        sendBack({ type: 'clock.ticked', atMs: clock.nowMs, readings: this.#transfers.readings() });
        this.#attempt(sendBack, () => this.#followUp());
      };
      timer = clock.at(clock.nowMs + TICK_MS, tick);
      this.#timers.add(timer);
      return () => clock.cancel(timer);
    });
  }

  #followUp(): void {
    const { clock, disk } = this.#options;
    if (clock.nowMs - this.#flushedAtMs >= JOURNAL_FLUSH_MS) {
      this.#flushedAtMs = clock.nowMs;
      disk.flush();
    }
    if (clock.nowMs - this.#syncedAtMs >= SYNC_MS) {
      this.#syncedAtMs = clock.nowMs;
      disk.sync();
    }
  }

  /** The answer comes after a round trip for each range; what it says is how the server stands then, or after a while that nothing came. */
  #sample(input: SampleInput, sendBack: (event: CoordinatorEvent) => void): () => void {
    const { clock, farm, disk } = this.#options;
    const { mirrorId, aim, ranges, blockBytes, totalBytes, inFile } = input;
    const roundTripMs = farm.servers[mirrorId - 1]?.spec.roundTripMs ?? 0;
    const silentUntilMs = clock.nowMs + SAMPLE_SILENCE_MS;
    let timer: Timer | null = null;
    const answer = (): void => {
      if (this.#isDead) return;
      const server = farm.servers[mirrorId - 1];
      const isSilent = server !== undefined && (server.isStalled || (!server.isUp && server.isSilentWhenDown));
      if (isSilent && clock.nowMs < silentUntilMs) {
        timer = clock.at(silentUntilMs, answer);
        return;
      }
      this.awaitsMicrotasks += 1;
      const tell = async (): Promise<void> => {
        const answer = await this.#plane.sample({ mirrorId, ranges, blockBytes, totalBytes, onFreshLanes: false });
        if (answer.kind === 'failed') {
          sendBack({ type: 'sample.failed', mirrorId, aim, ranges, code: answer.code, detail: answer.detail, receivedBytes: answer.receivedBytes, atMs: clock.nowMs });
          return;
        }
        // As the plane hashes: what a block is made of, and where.
        const fileHashes = ranges.map((range, index) => (inFile[index] === true ? this.#blocksOf(disk, range, blockBytes) : null));
        sendBack({ type: 'sample.answered', mirrorId, aim, ranges, hashes: answer.hashes, fileHashes, validators: answer.validators, atMs: clock.nowMs });
      };
      void tell();
    };
    timer = clock.at(clock.nowMs + (1 + ranges.length) * roundTripMs, answer);
    return () => clock.cancel(timer);
  }

  #blocksOf(disk: SimDisk, { start, end }: ByteRange, blockBytes: number): readonly string[] {
    return Array.from({ length: Math.ceil((end - start) / blockBytes) }, (_, index) => {
      const from = start + index * blockBytes;
      return [...new Set(disk.part.within(from, Math.min(end, from + blockBytes)).map(({ stuff }) => `${stuff.version}/${stuff.shift}`))].join('+') + `/${from}`;
    });
  }

  #attempt(sendBack: (event: CoordinatorEvent) => void, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof PlaitError)) throw error;
      sendBack({ type: 'download.stop', reason: { code: error.code, message: error.message } });
    }
  }

  #carryOut(effect: Effect): void {
    const { disk } = this.#options;
    switch (effect.type) {
      case 'disk.settle':
        disk.settle(effect.totalBytes);
        break;
      case 'disk.admit':
        disk.admit(effect.mirrorId);
        break;
      case 'disk.refuse':
        disk.refuse(effect.mirrorId);
        break;
      case 'disk.validator':
        disk.addSource(effect.mirrorId, effect.validator);
        break;
      case 'disk.startOver':
        disk.startOver();
        for (const index of this.#options.farm.servers.keys()) this.#plane.post({ type: 'mirror.add', mirrorId: index + 1, url: urlOf(index + 1), validator: null });
        break;
      case 'disk.forget':
        disk.forget(effect.range.start, effect.range.end);
        break;
      case 'disk.exchange':
        this.#exchange(effect.range, effect.toId);
        break;
      case 'piece.check':
      case 'disk.readBack':
        throw new Error('Pieces and the reading back of an earlier run are not simulated.');
      case 'limit.set':
      case 'mirror.equate':
        this.#plane.post(effect);
        break;
    }
  }

  /** What a block is made of at a server is seen there: nothing has to be kept of it. */
  #exchange({ start, end }: ByteRange, mirrorId: number): void {
    const { disk, farm } = this.#options;
    const server = farm.servers[mirrorId - 1];
    disk.forget(start, end);
    if (server !== undefined) disk.write(start, end, { mirrorId, version: server.file.version, shift: server.corrupts ? 1 : 0 });
  }

  #openStore(): Outcome<{ readonly recovered: RecoveredWork | null }> {
    const left = this.#options.disk.open();
    if (left === null) return { kind: 'done', recovered: null };
    for (const [mirrorId, validator] of left.validators) this.#plane.post({ type: 'mirror.add', mirrorId, url: urlOf(mirrorId), validator });
    const runs = left.runs.map(({ start, end, stuff: { mirrorId } }) => ({ start, end, mirrorId }));
    return { kind: 'done', recovered: { totalBytes: left.totalBytes, runs } };
  }

  #verify(totalBytes: number): Outcome<{ readonly proof: Proof }> {
    const { scenario, disk } = this.#options;
    if (!scenario.hasChecksum) return { kind: 'done', proof: 'none' };
    if (totalBytes === scenario.totalBytes && disk.part.areAll(0, totalBytes, ({ version, shift }) => version === 1 && shift === 0)) return { kind: 'done', proof: 'checksum' };
    return { kind: 'failed', reason: { code: 'checksum-mismatch', message: 'The content is wrong.' } };
  }

  #publish(totalBytes: number): Outcome<{ readonly path: string }> {
    const { disk } = this.#options;
    if (disk.fault !== null) return { kind: 'failed', reason: { code: disk.fault, message: 'The simulated disk takes nothing more.' } };
    disk.publish(totalBytes);
    return { kind: 'done', path: '/sim/file' };
  }

  /** The first reason is the one that matters; that keeping failed, too, is added to it. */
  #kept(reason: EndReason): Promise<EndReason> {
    return this.#io('keep', () => this.#keep(reason)).catch((error: unknown): EndReason => {
      if (!(error instanceof PlaitError)) throw error;
      return { ...reason, message: `${reason.message} And: ${error.message}` };
    });
  }

  #keep(reason: EndReason): EndReason {
    const { disk } = this.#options;
    if (reason.code === 'checksum-mismatch') disk.setAside();
    else if (disk.fault === null) disk.sync();
    return reason;
  }
}
