import { BehaviorSubject } from 'rxjs';
import { RateMeter } from './farm-view.ts';
import type { FarmServerView, FarmView } from './farm-view.ts';
import type { FarmServerState } from '../machines/farm.ts';
import type { ServerProcess } from './server-process.ts';
import { serverUrl } from './farm-words.ts';
import type { KnownFile } from './file-source.ts';

/** What the machines say of the farm at a moment. */
export interface FarmStanding {
  readonly state: FarmView['state'];
  readonly servers: readonly FarmServerState[];
}

/** Makes immutable views of the machines' states and the processes' counters. */
export class FarmViews {
  readonly subject: BehaviorSubject<FarmView>;
  readonly #processes: readonly ServerProcess[];
  readonly #meters: readonly RateMeter[];
  readonly #host: string;
  readonly #file: KnownFile;

  constructor(processes: readonly ServerProcess[], host: string, file: KnownFile, standing: FarmStanding) {
    this.#processes = processes;
    this.#meters = processes.map(() => new RateMeter());
    this.#host = host;
    this.#file = file;
    this.subject = new BehaviorSubject(this.#make(standing, null));
  }

  /** Publishes a view if it differs from the last one. With a reading of the clock the rates are measured anew. */
  update(standing: FarmStanding, nowMs: number | null): void {
    const view = this.#make(standing, nowMs);
    if (JSON.stringify(view) !== JSON.stringify(this.subject.value)) this.subject.next(view);
  }

  #make(standing: FarmStanding, nowMs: number | null): FarmView {
    return {
      state: standing.state,
      fileName: this.#file.name,
      sizeBytes: this.#file.sizeBytes,
      servers: this.#processes.map((process, position) => this.#server(process, position, standing.servers[position] ?? 'dead', nowMs)),
    };
  }

  #server(process: ServerProcess, position: number, state: FarmServerState, nowMs: number | null): FarmServerView {
    const { connections, requests, sentBytes, faults } = process.report;
    const measured = Math.round(this.#meters[position]?.rateAt(sentBytes, nowMs) ?? 0);
    const rateBytesPerSec = state === 'alive' ? measured : 0;
    const { port, filePath, lastEnd } = process;
    const trouble = state === 'dead' && lastEnd !== null && lastEnd.code !== 'killed' ? lastEnd.detail : null;
    return { index: position + 1, port, url: serverUrl(this.#host, port), state, connections, requests, sentBytes, rateBytesPerSec, faults, trouble, filePath };
  }
}
