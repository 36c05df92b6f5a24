import { FaultBoard } from './fault-board.ts';
import type { Fault, FaultProgress } from './fault.ts';

export interface FaultWatchOptions {
  readonly faults: readonly Fault[];
  /** Milliseconds on the clock that all processes of the farm share. */
  readonly nowMs: () => number;
  readonly sizeBytes: number;
  /** What earlier processes of this server have sent. */
  readonly sentBytes: number;
  /** Called for each fault as it comes into force, at once. */
  readonly onDue: (fault: Fault) => void;
}

/** Keeps a server's `FaultBoard` up to date: with a timer for the moments in time, and with the count of sent bytes. */
export class FaultWatch {
  readonly board: FaultBoard;
  readonly #options: FaultWatchOptions;
  readonly #waiting = new Set<() => void>();
  #sentBytes: number;
  #beganAtMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FaultWatchOptions) {
    this.#options = options;
    this.#sentBytes = options.sentBytes;
    this.board = new FaultBoard(options.faults);
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** The farm's first request was at `atMs`. */
  begin(atMs: number): void {
    if (this.#beganAtMs !== null) return;
    this.#beganAtMs = atMs;
    this.#keepTime();
  }

  add(fault: Fault): void {
    this.board.add(fault);
    this.#keepTime();
  }

  /** How many of `wantBytes` may go out before the next fault that counts bytes; counted as sent from now on. */
  reserve(wantBytes: number): number {
    const bytes = Math.min(wantBytes, this.board.bytesToNextMoment(this.#progress()));
    this.#sentBytes += bytes;
    return bytes;
  }

  /** Brings what is due into force. To be called before anything that faults may bend. */
  advance(): void {
    const due = this.board.advance(this.#progress());
    for (const fault of due) this.#options.onDue(fault);
    if (due.length === 0) return;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Settles when another fault has come into force, or with the signal. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let wake: () => void = () => {};
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  #keepTime(): void {
    this.advance();
    clearTimeout(this.#timer);
    const atMs = this.board.nextTimeMs();
    const { elapsedMs } = this.#progress();
    if (atMs === null || elapsedMs === null) return;
    this.#timer = setTimeout(() => this.#keepTime(), Math.max(1, atMs - elapsedMs));
  }

  #progress(): FaultProgress {
    const elapsedMs = this.#beganAtMs === null ? null : this.#options.nowMs() - this.#beganAtMs;
    return { elapsedMs, sentBytes: this.#sentBytes, sizeBytes: this.#options.sizeBytes };
  }
}
