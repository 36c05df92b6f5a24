/**
 * One process of a simulated world: the real coordinator with its real servers and segments, and simulated effects.
 * What `src/wiring/session.ts` does with sockets and files, this does with flows and runs.
 */
import { Subject } from 'rxjs';
import { createActor, fromCallback, fromPromise } from 'xstate';
import type { Actor, EventObject, InspectionEvent } from 'xstate';
import { TICK_MS } from '../../../src/base/bounds.ts';
import { PlaitError } from '../../../src/base/errors.ts';
import type { CoordinatorContext, CoordinatorInput, Proof } from '../../../src/machines/coordinator-context.ts';
import { coordinatorMachine } from '../../../src/machines/coordinator.ts';
import type { Decision } from '../../../src/machines/decisions.ts';
import type { CoordinatorEvent } from '../../../src/machines/events.ts';
import type { EndReason } from '../../../src/machines/plan/ending.ts';
import type { PlanPolicy } from '../../../src/machines/plan/policy.ts';
import type { Outcome, RecoveredWork } from '../../../src/machines/rulings/on-course.ts';
import type { Effect } from '../../../src/machines/rulings/ruling.ts';
import { segmentMachine } from '../../../src/machines/segment.ts';
import { sampleLogic } from '../../../src/wiring/samples.ts';
import { Transfers } from '../../../src/wiring/transfers.ts';
import type { SimFarm } from './farm.ts';
import type { Scenario } from './scenario.ts';
import type { SimDisk } from './sim-disk.ts';
import { SimIo } from './sim-io.ts';
import type { EffectName } from './sim-io.ts';
import { SimPlane } from './sim-plane.ts';
import type { PlaneFaults } from './sim-lease.ts';
import { piecesOf, SimStore } from './sim-store.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';
import type { Witness } from './witness.ts';

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
  readonly io: SimIo;
  readonly #plane: SimPlane;
  readonly #store: SimStore;
  readonly #actor: Actor<typeof coordinatorMachine>;
  readonly #transfers: Transfers;
  readonly #ticks = new Subject<number>();
  #isDead = false;
  end: ProcessEnd | null = null;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const { clock, farm, disk, witness, scenario, trap, inspect } = options;
    this.io = new SimIo({ clock, effectMs: scenario.effectMs, ...(trap === undefined ? {} : { trap }) });
    this.#transfers = new Transfers(() => this.#plane, clock.now);
    this.#plane = new SimPlane({
      clock, net: farm.net, disk, witness,
      serverOf: (mirrorId) => farm.servers[mirrorId - 1] ?? null,
      onFact: (fact) => this.#transfers.onFact(fact),
      threadDelayMs: scenario.threadDelayMs,
      io: this.io,
      ...(options.rules === undefined ? {} : { rules: options.rules }),
    });
    this.#store = new SimStore({
      scenario, clock, disk, io: this.io,
      mirrorIds: farm.servers.map(({ index }) => index + 1),
      introduce: (mirrorId, validator) => this.#introduce(mirrorId, validator),
      post: (order) => this.#plane.post(order),
    });
    for (const index of options.named) this.#introduce(index + 1, null);
    this.#actor = createActor(this.#machine(), { id: 'coordinator', clock, input: this.#input(), ...(inspect === undefined ? {} : { inspect }) });
    this.#actor.on('decision', options.onDecision);
    this.#actor.subscribe({
      error: (error) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
      complete: () => this.#completed(),
    });
  }

  start(): void {
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
    this.#introduce(mirrorId, null);
    this.#options.disk.addSource(mirrorId, null);
    this.send({ type: 'mirror.add', mirrorId, url: urlOf(mirrorId) });
  }

  /** SIGKILL: nobody is told anything. */
  kill(): void {
    this.#isDead = true;
    this.io.end();
    this.#plane.kill();
    this.#actor.stop();
  }

  #machine(): typeof coordinatorMachine {
    const { io } = this;
    const store = this.#store;
    return coordinatorMachine.provide({
      actors: {
        segment: segmentMachine.provide({ actors: { transfer: this.#transfers.logic } }),
        clock: this.#clockLogic(),
        effects: fromCallback<Effect, null>(({ receive, sendBack }) => receive((effect) => this.#attempt(sendBack, () => this.#carryOut(effect, sendBack)))),
        sample: sampleLogic({ plane: () => this.#plane, store: () => store, nowMs: this.#options.clock.now, ticks: this.#ticks }),
        nameTarget: fromPromise<Outcome<object>, { readonly waitMs: number }>(() => io.outcome('nameTarget', (): Outcome<object> => ({ kind: 'done' }))),
        openStore: fromPromise<Outcome<{ readonly recovered: RecoveredWork | null }>, null>(() => io.outcome('openStore', () => store.open())),
        verify: fromPromise<Outcome<{ readonly proof: Proof }>, { readonly totalBytes: number }>(({ input }) => io.outcome('verify', () => store.verify(input.totalBytes))),
        publish: fromPromise<Outcome<{ readonly path: string }>, { readonly totalBytes: number }>(({ input }) => io.outcome('publish', () => store.publish(input.totalBytes))),
        keep: fromPromise<EndReason, { readonly reason: EndReason }>(({ input }) => this.#kept(input.reason)),
      },
    });
  }

  #input(): CoordinatorInput {
    const { clock, named, policy, scenario } = this.#options;
    const { waitMs, maxLanes, seed, waitsForRoom } = scenario;
    const pieces = piecesOf(scenario);
    const mirrors = named.map((index) => ({ mirrorId: index + 1, url: urlOf(index + 1) }));
    return { mirrors, waitMs, maxLanes, seed, atMs: clock.nowMs, waitsForRoom, ...(policy === undefined ? {} : { policy }), ...(pieces === undefined ? {} : { pieces }) };
  }

  #introduce(mirrorId: number, validator: string | null): void {
    this.#plane.post({ type: 'mirror.add', mirrorId, url: urlOf(mirrorId), validator });
  }

  #completed(): void {
    if (this.#isDead) return;
    const { value, context } = this.#actor.getSnapshot();
    this.end = value === 'done' ? { kind: 'done' } : { kind: 'failed', reason: context.ending ?? { code: 'bug', message: 'it ended without a reason' } };
    void this.#plane.close();
  }

  #clockLogic(): ReturnType<typeof fromCallback<EventObject, null>> {
    const { clock } = this.#options;
    return fromCallback<EventObject, null>(({ sendBack }) => {
      let timer: Timer | null = null;
      const tick = (): void => {
        timer = clock.at(clock.nowMs + TICK_MS, tick);
        sendBack({ type: 'clock.ticked', atMs: clock.nowMs, readings: this.#transfers.readings(), busyShare: clock.nowMs < this.#options.scenario.busyUntilMs ? 1 : 0 });
        this.#attempt(sendBack, () => this.#store.followUp());
        this.#ticks.next(clock.nowMs);
      };
      timer = clock.at(clock.nowMs + TICK_MS, tick);
      return () => clock.cancel(timer);
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

  #carryOut(effect: Effect, sendBack: (event: CoordinatorEvent) => void): void {
    this.io.springs('effects');
    this.#store.carryOut(effect, sendBack);
  }

  /** The first reason is the one that matters; that keeping failed, too, is added to it. */
  #kept(reason: EndReason): Promise<EndReason> {
    return this.io.effect('keep', () => this.#store.keep(reason)).catch((error: unknown): EndReason => {
      if (!(error instanceof PlaitError)) throw error;
      return { ...reason, message: `${reason.message} And: ${error.message}` };
    });
  }
}
