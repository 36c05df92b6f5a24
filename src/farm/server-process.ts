import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { CRASH_WORDS_MAX } from '../base/bounds.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import type { ProcessEnd } from '../machines/farm-server.ts';
import type { ChildConfig, ChildReport, FromChild, ToChild } from './child-messages.ts';
import type { Fault } from './fault.ts';

// The bundle lies beside the chunks; from source, Node runs the TypeScript itself.
const CHILD_URL = new URL(import.meta.url.endsWith('.ts') ? './farm-child.ts' : './farm-child.js', import.meta.url);

export interface ServerProcessListener {
  listening(): void;
  requestArrived(atMs: number): void;
  ended(end: ProcessEnd): void;
}

const NOTHING_YET: ChildReport = { connections: 0, requests: 0, sentBytes: 0, faults: [] };

/**
 * The processes of one server, one after the other: what a process did and which faults it got outlives it here, so
 * that a revived server goes on where the killed one stood.
 */
export class ServerProcess {
  #config: ChildConfig;
  #child: ChildProcess | null = null;
  #report = NOTHING_YET;
  /** Requests that earlier processes answered. */
  #earlierRequests = 0;
  #lastEnd: ProcessEnd | null = null;

  constructor(config: ChildConfig) {
    this.#config = config;
  }

  /** The port it listens on, or will; 0 until a free one is found. */
  get port(): number {
    return this.#config.port;
  }

  get filePath(): string {
    return this.#config.file.path;
  }

  /** How its last process ended; null before the first end. */
  get lastEnd(): ProcessEnd | null {
    return this.#lastEnd;
  }

  /** A kill has been sent, and the process is not gone yet. */
  get isBeingKilled(): boolean {
    return this.#child?.killed ?? false;
  }

  get report(): ChildReport {
    return { ...this.#report, requests: this.#earlierRequests + this.#report.requests };
  }

  start(listener: ServerProcessListener): void {
    const child = fork(CHILD_URL, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    let listenFailure: string | null = null;
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      lastWords = (lastWords + words).slice(-CRASH_WORDS_MAX);
    });
    child.on('message', (message: FromChild) => {
      if (message.type === 'child.ready') this.#send({ type: 'server.configure', config: this.#config });
      else if (message.type === 'listen.failed') listenFailure = message.code;
      else this.#hear(message, listener);
    });
    whenGone(child, (exit) => {
      const end = listenFailure === null ? processEnd(exit, lastWords) : listenEnd(listenFailure);
      this.#child = null;
      this.#lastEnd = end;
      this.#earlierRequests += this.#report.requests;
      this.#report = { ...NOTHING_YET, sentBytes: this.#report.sentBytes };
      this.#config = { ...this.#config, sentBytes: this.#report.sentBytes };
      listener.ended(end);
    });
  }

  /** Ends the process without a word to it; whoever listens hears of its end. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  begin(atMs: number): void {
    this.#config = { ...this.#config, beganAtMs: atMs };
    this.#send({ type: 'farm.begin', atMs });
  }

  addFault(fault: Fault): void {
    // Whoever heals a server means what it had; a later process does not get it again.
    const kept = fault.name === 'heal' && fault.moment.kind === 'start' ? [] : [...this.#config.faults, fault];
    this.#config = { ...this.#config, faults: kept };
    this.#send({ type: 'fault.add', fault });
  }

  setSha256(sha256: string): void {
    this.#config = { ...this.#config, sha256 };
    this.#send({ type: 'digest.set', sha256 });
  }

  #send(message: ToChild): void {
    // A process that is going down loses messages, and so it may.
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  #hear(message: FromChild, listener: ServerProcessListener): void {
    if (message.type === 'server.listening') {
      this.#config = { ...this.#config, port: message.port };
      listener.listening();
    } else if (message.type === 'request.arrived') {
      listener.requestArrived(message.atMs);
    } else if (message.type === 'server.reported') {
      this.#report = message.report;
    } else if (message.type === 'server.dying') {
      this.#report = message.report;
      // A death happens once: a revived server does not die of it again.
      this.#config = { ...this.#config, faults: this.#config.faults.filter((fault) => !isDeepStrictEqual(fault, message.fault)) };
    }
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: Error | null;
}

/** Calls back once, when the process is gone and everything that it said has been heard. */
function whenGone(child: ChildProcess, callback: (exit: Exit) => void): void {
  let isOver = false;
  const over = (exit: Exit): void => {
    if (isOver) return;
    isOver = true;
    if (child.connected) child.once('disconnect', () => callback(exit));
    else callback(exit);
  };
  child.once('error', (error) => over({ code: null, signal: null, error }));
  child.once('close', (code, signal) => over({ code, signal, error: null }));
}

function processEnd({ code, signal, error }: Exit, lastWords: string): ProcessEnd {
  if (signal === 'SIGKILL') return { code: 'killed', detail: 'It was killed.' };
  const how = error?.message ?? (signal === null ? `status ${code}` : signal);
  return { code: 'crashed', detail: cleanForeignText(`Its process ended by itself (${how}). ${lastWords}`, CRASH_WORDS_MAX) };
}

/** A system error of listening, or of opening the file, as the machine's words. */
function listenEnd(systemCode: string): ProcessEnd {
  const codes: Readonly<Record<string, ProcessEnd['code']>> = {
    EADDRINUSE: 'port-in-use',
    EADDRNOTAVAIL: 'address-unavailable',
    ENOTFOUND: 'address-unavailable',
    EAI_AGAIN: 'address-unavailable',
    ENOENT: 'file-unreadable',
    EISDIR: 'file-unreadable',
    EPERM: 'port-forbidden',
    EACCES: 'port-forbidden',
  };
  return { code: codes[systemCode] ?? 'listen-failed', detail: systemCode };
}
