/** A whole simulated world from its first moment to its last: processes come and go, servers fail and heal. */
import { setImmediate } from 'node:timers/promises';
import type { InspectionEvent } from 'xstate';
import type { Decision } from '../../../src/machines/decisions.ts';
import type { PlanPolicy } from '../../../src/machines/plan/policy.ts';
import { SimFarm } from './farm.ts';
import { SimProcess } from './process.ts';
import { faultText, hasLiars } from './scenario.ts';
import type { ClientFault, Fault, Scenario } from './scenario.ts';
import { SimDisk } from './sim-disk.ts';
import type { DiskFaults } from './sim-disk.ts';
import type { EffectName } from './sim-io.ts';
import type { PlaneFaults } from './sim-lease.ts';
import { VirtualClock } from './virtual-clock.ts';
import { SafetyError, Witness } from './witness.ts';

export interface Report {
  readonly scenario: Scenario;
  /** What is wrong with it; null where nothing is. */
  readonly failure: string | null;
  /** `done`, or the reason why the last process gave up. */
  readonly end: string;
  readonly durationMs: number;
  readonly receivedBytes: number;
  readonly leases: number;
  readonly processes: number;
  readonly steps: number;
  readonly trace: readonly string[];
}

export interface WorldOptions {
  readonly withTrace?: boolean;
  readonly planeRules?: PlaneFaults;
  readonly diskRules?: DiskFaults;
  /** How the planner plans; as the program does where it is left out. */
  readonly policy?: PlanPolicy;
  /** Comes before each effect of a process, by name; a throw is the effect’s failure. */
  readonly trap?: (effect: EffectName) => void;
  /** Told of every step of every actor. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Sees every decision and every moment of a process. */
  readonly onDecision?: (decision: Decision) => void;
}

/** Between a process’s end and the user’s next try. */
const NEXT_TRY_MS = 1_000;
const PROCESSES_MAX = 20;
/** A world whose clock does not get on is stuck. */
const STEPS_MAX = 3_000_000;

class World {
  readonly #scenario: Scenario;
  readonly #options: WorldOptions;
  readonly #clock = new VirtualClock();
  readonly #farm: SimFarm;
  readonly #disk: SimDisk;
  readonly #witness: Witness;
  readonly #trace: string[] = [];
  readonly #named: Set<number>;
  /** Total bytes by version that any server ever had. */
  readonly #versions: Map<number, number>;
  #process: SimProcess | null = null;
  #processes = 0;
  #steps = 0;
  #end: string | null = null;

  constructor(scenario: Scenario, options: WorldOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#farm = new SimFarm(scenario, this.#clock);
    this.#disk = new SimDisk(options.diskRules);
    this.#witness = new Witness(scenario, this.#clock, this.#disk);
    if (options.withTrace === true) this.#witness.onLease = (text) => this.#say(text);
    const added = new Set(scenario.faults.flatMap((fault) => (fault.kind === 'add' ? [fault.server] : [])));
    this.#named = new Set(this.#farm.servers.map(({ index }) => index).filter((index) => !added.has(index)));
    this.#versions = new Map([[1, scenario.totalBytes]]);
    for (const fault of scenario.faults) if (fault.kind === 'change') this.#versions.set(fault.version, fault.totalBytes);
  }

  async run(): Promise<Report> {
    let failure: string | null = null;
    try {
      for (const fault of this.#scenario.faults) this.#clock.at(fault.atMs, () => this.#befall(fault));
      if (this.#scenario.healAtMs < Infinity) this.#clock.at(this.#scenario.healAtMs, () => this.#heal());
      this.#launch();
      failure = await this.#untilTheEnd();
    } catch (error) {
      const thrown = error instanceof SafetyError ? error.message : `a throw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      failure = this.#witness.violation ?? thrown;
      this.#process?.kill();
    }
    return {
      scenario: this.#scenario,
      failure,
      end: this.#end ?? 'unfinished',
      durationMs: this.#clock.nowMs,
      receivedBytes: this.#farm.servers.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
      leases: this.#witness.leases,
      processes: this.#processes,
      steps: this.#steps,
      trace: this.#trace,
    };
  }

  async #untilTheEnd(): Promise<string | null> {
    const limitMs = this.#limitMs();
    while (this.#end === null) {
      if (this.#process?.io.awaitsMicrotasks === true) {
        this.#process.io.awaitsMicrotasks = false;
        // A macrotask comes after every microtask, however many of them follow one another.
        await setImmediate();
      }
      this.#farm.net.settle();
      this.#look();
      if (this.#end !== null) break;
      if (!this.#clock.step()) return 'liveness: nothing is left to happen, and the download is not over';
      this.#steps += 1;
      if (this.#clock.nowMs > limitMs) {
        const state = this.#process?.state ?? 'no process';
        this.#process?.kill();
        return `liveness: not over after ${(limitMs / 1_000).toFixed(0)} s of virtual time (${state})`;
      }
      if (this.#steps > STEPS_MAX) return 'liveness: too many steps for so little time';
    }
    return null;
  }

  /** After every step: the rules hold, and an end is an end. */
  #look(): void {
    if (this.#witness.violation !== null) throw new SafetyError(this.#witness.violation);
    const process = this.#process;
    if (process === null) return;
    this.#witness.looksAt(process.context);
    const { end } = process;
    if (end === null) return;
    this.#process = null;
    if (end.kind === 'done') {
      this.#witness.published(this.#versions);
      this.#end = 'done';
      this.#say('done');
      return;
    }
    const { code, message } = end.reason;
    this.#say(`the process ends: ${code}: ${message}`);
    if (this.#disk.published !== null) throw new SafetyError(`no wrong file: a process that ends with ${code} has published`);
    if (code === 'bug') throw new SafetyError(`a bug was reported: ${message}`);
    const mayGiveUp = hasLiars(this.#scenario) || this.#scenario.healAtMs === Infinity;
    if (this.#processes >= PROCESSES_MAX || (mayGiveUp && code !== 'aborted' && code !== 'disk-full' && code !== 'disk-failed')) {
      this.#end = code;
      return;
    }
    this.#nextTry();
  }

  #nextTry(): void {
    this.#clock.at(this.#clock.nowMs + NEXT_TRY_MS, () => this.#launch());
  }

  #launch(): void {
    if (this.#process !== null) return;
    this.#processes += 1;
    this.#witness.processBegins();
    this.#say(`process ${this.#processes} begins`);
    const { withTrace } = this.#options;
    this.#process = new SimProcess({
      scenario: this.#scenario,
      clock: this.#clock,
      farm: this.#farm,
      disk: this.#disk,
      witness: this.#witness,
      named: [...this.#named],
      ...(this.#options.planeRules === undefined ? {} : { rules: this.#options.planeRules }),
      ...(this.#options.trap === undefined ? {} : { trap: this.#options.trap }),
      ...(this.#options.inspect === undefined ? {} : { inspect: this.#options.inspect }),
      ...(this.#options.policy === undefined ? {} : { policy: this.#options.policy }),
      onDecision: (decision) => {
        if (withTrace === true) this.#say(`${decision.kind}: ${decision.why}`);
        this.#options.onDecision?.(decision);
      },
    });
    this.#process.start();
  }

  #befall(fault: Fault): void {
    this.#say(`FAULT ${faultText(fault)}`);
    this.#farm.befall(fault);
    const process = this.#process;
    if (fault.kind === 'add') {
      this.#named.add(fault.server);
      process?.addMirror(fault.server);
    } else if (fault.kind === 'drop') {
      this.#named.delete(fault.server);
      process?.send({ type: 'mirror.drop', mirrorId: fault.server + 1 });
    } else if (!('server' in fault)) {
      this.#befallClient(fault);
    }
  }

  #befallClient(fault: ClientFault): void {
    const process = this.#process;
    switch (fault.kind) {
      case 'kill':
      case 'crash':
        process?.kill();
        this.#process = null;
        if (fault.kind === 'crash') this.#disk.crash({ seed: this.#scenario.seed });
        if (process !== null) this.#nextTry();
        break;
      case 'disk':
        this.#disk.fault = fault.fault;
        break;
      case 'pause':
        process?.send({ type: 'download.pause' });
        break;
      case 'resume':
        process?.send({ type: 'download.resume' });
        break;
      case 'abort':
        process?.send({ type: 'download.stop', reason: { code: 'aborted', message: 'Stopped.' } });
        break;
      case 'tell':
        process?.send(fault.event);
        break;
    }
  }

  #heal(): void {
    this.#say('everything heals');
    this.#farm.heal();
    this.#disk.fault = null;
    this.#process?.send({ type: 'download.resume' });
  }

  /** When it has to be over: long enough for the slowest honest way, and bounded. */
  #limitMs(): number {
    const { healAtMs, totalBytes, servers, linkBytesPerSec, waitMs } = this.#scenario;
    const slowest = Math.min(linkBytesPerSec, ...servers.map(({ rateBytesPerSec, laneBytesPerSec }) => Math.min(rateBytesPerSec, laneBytesPerSec)));
    const lastMs = Math.max(healAtMs < Infinity ? healAtMs : 0, ...this.#scenario.faults.map(({ atMs }) => atMs));
    return lastMs + 60_000 + 2 * waitMs + (4 * totalBytes * 1_000) / slowest;
  }

  #say(text: string): void {
    if (this.#options.withTrace === true) this.#trace.push(`${(this.#clock.nowMs / 1_000).toFixed(3).padStart(9)} s  ${text}`);
  }
}

/** Runs a scenario to its end. It never rejects: what is wrong is told in the report. */
export const runScenario = (scenario: Scenario, options: WorldOptions = {}): Promise<Report> => new World(scenario, options).run();
