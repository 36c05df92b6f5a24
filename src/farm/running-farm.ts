import { waitFor } from 'xstate';
import type { ActorRefFrom } from 'xstate';
import type { Observable } from 'rxjs';
import { FARM_REPORT_MS } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import type { farmMachine, FarmOrder, FarmServerState } from '../machines/farm.ts';
import type { FarmServerView, FarmView } from './farm-view.ts';
import { FarmViews } from './farm-views.ts';
import type { FarmStanding } from './farm-views.ts';
import { whyNotStarted } from './farm-words.ts';
import { parseFault } from './fault-grammar.ts';
import type { KnownFile } from './file-source.ts';
import { sha256Of } from './known-file.ts';
import { monotonicMs } from './monotonic-clock.ts';
import type { ServerProcess } from './server-process.ts';

/** One server; its getters tell how it stands now. */
export interface FarmServer {
  /** Counted from 1. */
  readonly index: number;
  readonly port: number;
  readonly url: string;
  readonly state: FarmServerState;
  /** What it serves: the file, or its own copy. */
  readonly filePath: string;
}

export interface Farm {
  readonly servers: readonly FarmServer[];
  /** The farm as it stands, at once and whenever it changes: states at once, counters ten times a second. */
  readonly views: Observable<FarmView>;
  /** The farm as it stood at the last view. */
  view(): FarmView;
  /** Kills server `index` (from 1); settles when its process is gone. */
  kill(index: number): Promise<void>;
  /** Starts server `index` again on its port; settles when it listens. Rejects with a PlaitError where it cannot. */
  revive(index: number): Promise<void>;
  /** Gives server `index` one more fault, in the grammar of `--fault` without the server: `slow=20K`, `heal`. */
  fault(index: number, text: string): void;
  /** Kills every server and removes the copies; settles when both are done. */
  close(): Promise<void>;
}

export interface FarmParts {
  readonly actor: ActorRefFrom<typeof farmMachine>;
  readonly processes: readonly ServerProcess[];
  readonly host: string;
  readonly file: KnownFile;
  readonly removeCopies: () => Promise<void>;
}

/** A farm whose machine has been made; `start` brings it up. */
export class RunningFarm implements Farm {
  readonly servers: readonly FarmServer[];
  readonly views: Observable<FarmView>;
  readonly #parts: FarmParts;
  readonly #views: FarmViews;
  readonly #hashing = new AbortController();
  #ticking: NodeJS.Timeout | undefined;
  #closing: Promise<void> | null = null;

  constructor(parts: FarmParts) {
    this.#parts = parts;
    this.#views = new FarmViews(parts.processes, parts.host, parts.file, this.#standing());
    this.views = this.#views.subject.asObservable();
    this.servers = parts.processes.map((process, position) => this.#serverAt(process, position));
  }

  /** Settles when every server listens; rejects with a PlaitError, and nothing left behind, where one cannot. */
  async start(): Promise<void> {
    const { actor, host, processes } = this.#parts;
    actor.subscribe(() => this.#views.update(this.#standing(), null));
    actor.start();
    this.#ticking = setInterval(() => this.#views.update(this.#standing(), monotonicMs()), FARM_REPORT_MS);
    const { context } = await waitFor(actor, (snapshot) => !snapshot.matches('starting') && !snapshot.matches('closing'));
    if (context.failure !== null) {
      await this.close();
      throw whyNotStarted(context.failure.end, host, processes[context.failure.index - 1]?.port ?? 0);
    }
    await Promise.all(context.deadAtStart.map((index) => this.#stateOf(index, 'dead')));
  }

  /** Hashes the file while it is being served, and tells the servers its digest. */
  hashLater(): void {
    const { file, processes } = this.#parts;
    sha256Of(file.path, this.#hashing.signal).then(
      (sha256) => processes.forEach((process) => process.setSha256(sha256)),
      // Without a digest the servers serve as well; a file that cannot be read shows itself in the serving.
      () => {},
    );
  }

  view(): FarmView {
    return this.#views.subject.value;
  }

  async kill(index: number): Promise<void> {
    this.#checkIndex(index);
    this.#order({ type: 'server.kill', index });
    await this.#stateOf(index, 'dead');
  }

  async revive(index: number): Promise<void> {
    const process = this.#checkIndex(index);
    // A kill under way ends first: until then the port is taken.
    if (process.isBeingKilled) await this.#stateOf(index, 'dead');
    this.#order({ type: 'server.start', index });
    const { context } = await waitFor(this.#parts.actor, (snapshot) => snapshot.context.states[index - 1] !== 'starting');
    if (context.states[index - 1] !== 'alive' && process.lastEnd !== null) throw whyNotStarted(process.lastEnd, this.#parts.host, process.port);
  }

  fault(index: number, text: string): void {
    this.#checkIndex(index);
    const { name, moment } = parseFault(text);
    if (name !== 'die' && name !== 'revive') this.#order({ type: 'fault.add', index, fault: text });
    else if (moment.kind === 'start') this.#order({ type: name === 'die' ? 'server.kill' : 'server.start', index });
    else throw new PlaitError('usage', `While the farm runs, ${name} takes no moment: it happens at once.`);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { actor, removeCopies } = this.#parts;
    this.#hashing.abort();
    this.#order({ type: 'farm.close' });
    await waitFor(actor, (snapshot) => snapshot.matches('closed'));
    clearInterval(this.#ticking);
    this.#views.update(this.#standing(), monotonicMs());
    this.#views.subject.complete();
    await removeCopies();
  }

  /** A farm that has closed takes no more orders, and whoever gives one too late is not told off. */
  #order(order: FarmOrder): void {
    const { actor } = this.#parts;
    if (actor.getSnapshot().status === 'active') actor.send(order);
  }

  #standing(): FarmStanding {
    const { value, context } = this.#parts.actor.getSnapshot();
    return { state: value, servers: context.states };
  }

  #serverAt(process: ServerProcess, position: number): FarmServer {
    const view = (): FarmServerView | undefined => this.view().servers[position];
    return {
      index: position + 1,
      filePath: process.filePath,
      get port() {
        return process.port;
      },
      get url() {
        return view()?.url ?? '';
      },
      get state() {
        return view()?.state ?? 'dead';
      },
    };
  }

  async #stateOf(index: number, state: FarmServerState): Promise<void> {
    await waitFor(this.#parts.actor, ({ context }) => context.states[index - 1] === state);
  }

  #checkIndex(index: number): ServerProcess {
    const process = this.#parts.processes[index - 1];
    if (process === undefined) throw new PlaitError('usage', `There is no server ${index}: they are 1 to ${this.#parts.processes.length}.`);
    return process;
  }
}
