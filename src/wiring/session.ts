/**
 * One download's effects: its store, its data plane, its clock, and the IO actors that the coordinator invokes. Every
 * effect answers with a value; what it could not do is told as a reason to end.
 */
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { fromCallback, fromPromise } from 'xstate';
import type { EventObject } from 'xstate';
import { JOURNAL_FLUSH_MS, MIRRORS_MAX, TICK_MS } from '../base/bounds.ts';
import { diskError, PlaitError } from '../base/errors.ts';
import { redactUrl } from '../base/foreign-text.ts';
import type { MirrorEntry, Proof } from '../machines/coordinator-context.ts';
import type { CoordinatorEvent, OutsideEvent } from '../machines/events.ts';
import type { EndReason } from '../machines/plan/ending.ts';
import type { Outcome, RecoveredWork } from '../machines/rulings/on-course.ts';
import type { Effect } from '../machines/rulings/ruling.ts';
import type { DataPlane, Fact } from '../net/data-plane.ts';
import { createDataPlane } from '../net/plane.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { journalNames, recoveredWork } from './journal-names.ts';
import { LoopLoad } from './loop-load.ts';
import { askedName } from './name-question.ts';
import type { CheckedOptions } from './options.ts';
import { reasonFor } from './reasons.ts';
import { sampleLogic } from './samples.ts';
import { NAMELESS, targetOf } from './target-name.ts';
import { Transfers } from './transfers.ts';

/** Runs an effect to an outcome: it never rejects. */
async function outcomeOf<Done extends object>(effect: () => Promise<Done>): Promise<Outcome<Done>> {
  try {
    return { kind: 'done', ...(await effect()) };
  } catch (error) {
    return { kind: 'failed', reason: reasonFor(error) };
  }
}

export class Session {
  readonly options: CheckedOptions;
  /** Ten times a second, the moment. */
  readonly ticks = new Subject<number>();
  readonly transfers: Transfers;
  readonly #plane: DataPlane;
  readonly #nowMs: () => number;
  readonly #load: LoopLoad;
  /** By number; `url` is redacted. */
  readonly #mirrors = new Map<number, { readonly href: string; readonly url: string }>();
  /** What the store calls each of them, once it is open: a name stays, whoever comes. */
  readonly #names = new Map<number, string>();
  #opening: Promise<Store> | null = null;
  #store: Store | null = null;
  #askedName: string | null = null;
  /** Tells the coordinator; set as soon as it listens. */
  #tell: (fact: CoordinatorEvent) => void = () => undefined;
  #flushedAtMs = 0;

  constructor(options: CheckedOptions, nowMs: () => number) {
    this.options = options;
    this.#nowMs = nowMs;
    this.#load = new LoopLoad(nowMs);
    this.transfers = new Transfers(() => this.#plane, nowMs);
    this.#plane = createDataPlane({
      sink: { write: (lease, position, bytes) => this.#load.write(() => this.#opened().write(lease, position, bytes)) },
      onFact: (fact) => this.#onFact(fact),
      now: nowMs,
      wallClockMs: () => Date.now(),
      headers: options.headers,
      caPem: options.caPem,
      limitBytesPerSec: options.limitBytesPerSec,
      env: options.env,
    });
  }

  /** The path the file will have; null while it has no name. */
  get targetPath(): string | null {
    return this.#store?.targetPath ?? null;
  }

  receivedBytes(mirrorId: number): number {
    return this.#plane.receivedBytes(mirrorId);
  }

  /** Makes a mirror known to both planes. The control plane gets its number and its redacted URL only. */
  introduce(url: URL): MirrorEntry {
    const mirrorId = this.#mirrors.size + 1;
    if (mirrorId > MIRRORS_MAX) throw new PlaitError('usage', `There are ${MIRRORS_MAX} mirrors already, which is the limit.`);
    const redacted = redactUrl(url.href);
    // First, for it throws where the URL cannot be used.
    this.#plane.post({ type: 'mirror.add', mirrorId, url: url.href, validator: null });
    this.#mirrors.set(mirrorId, { href: url.href, url: redacted });
    if (this.#store !== null) this.#nameIn(this.#store, mirrorId, journalNames(this.#mirrors).get(mirrorId) ?? redacted);
    return { mirrorId, url: redacted };
  }

  /** Whoever had this name in an earlier run had its validator, too. */
  #nameIn(store: Store, mirrorId: number, name: string): void {
    this.#names.set(mirrorId, name);
    const validator = store.recovered?.validators.get(name) ?? null;
    store.addSource(mirrorId, name, validator);
    const href = this.#mirrors.get(mirrorId)?.href;
    if (validator !== null && href !== undefined) this.#plane.post({ type: 'mirror.add', mirrorId, url: href, validator });
  }

  /**
   * Closes every socket, and whatever of the disk nobody has closed: the end may have come while the part file was being
   * opened, or by a bug. Never rejects: that there is an end has to be told.
   */
  async close(): Promise<void> {
    await this.#plane.close().catch(() => undefined);
    // The end that is told has a reason of its own, and what cannot be kept is fetched again.
    await this.#opening?.then((store) => store.keep()).catch(() => undefined);
  }

  #opened(): Store {
    if (this.#store === null) throw new PlaitError('bug', 'A byte came before the part file was open.');
    return this.#store;
  }

  #onFact(fact: Fact): void {
    this.transfers.onFact(fact);
  }

  /** `discovering.naming`: asks the mirrors for the name where neither the user nor the first URL has one. */
  readonly nameTarget = fromPromise<Outcome<object>, { readonly waitMs: number }>(({ input, signal }) =>
    outcomeOf(async () => {
      const firstUrl = this.options.urls[0];
      if (firstUrl === undefined) throw new PlaitError('usage', 'No URL was given: name at least one server to download from.');
      const target = await targetOf(this.options.output, this.options.cwd, firstUrl);
      const question = { mirrors: this.#mirrors, ask: this.#plane.askName.bind(this.#plane), tell: (fact: CoordinatorEvent) => this.#tell(fact), nowMs: this.#nowMs, waitMs: input.waitMs };
      this.#askedName = join(target.folder, target.name ?? (await askedName(question, signal)));
      return {};
    }),
  );

  /** `discovering.opening`: locks and opens the part file, and reads what an earlier run left. */
  readonly openStore = fromPromise<Outcome<{ readonly recovered: RecoveredWork | null }>, null>(() =>
    outcomeOf(async () => {
      const { resume, force } = this.options;
      this.#opening = openStore({ targetPath: this.#askedName ?? NAMELESS, resume, force });
      const store = await this.#opening;
      this.#store = store;
      for (const [mirrorId, name] of journalNames(this.#mirrors)) this.#nameIn(store, mirrorId, name);
      return { recovered: store.recovered === null ? null : recoveredWork(store.recovered, this.#names) };
    }),
  );

  /** The coordinator's clock: a tick with the counters' readings, and what has to be done as often. */
  clock(writtenFront: () => number): ReturnType<typeof fromCallback<EventObject, null>> {
    return fromCallback<EventObject, null>(({ sendBack }) => {
      const timer = setInterval(() => {
        const atMs = this.#nowMs();
        sendBack({ type: 'clock.ticked', atMs, readings: this.transfers.readings(), busyShare: this.#load.shareSince() } satisfies OutsideEvent);
        this.#attempt(sendBack, () => this.#followUp(atMs, writtenFront));
        this.ticks.next(atMs);
      }, TICK_MS);
      return () => clearInterval(timer);
    });
  }

  #followUp(atMs: number, writtenFront: () => number): void {
    if (this.#store === null) return;
    if (atMs - this.#flushedAtMs >= JOURNAL_FLUSH_MS) {
      this.#flushedAtMs = atMs;
      this.#store.flush();
    }
    for (const { algorithm } of this.options.checksums) this.#store.hashUpTo(algorithm, writtenFront());
  }

  #attempt(sendBack: (event: CoordinatorEvent) => void, act: () => void): void {
    try {
      act();
    } catch (error) {
      sendBack({ type: 'download.stop', reason: reasonFor(diskErrorOf(error)) });
    }
  }

  /** What rulings ask of the disk and the net plane. */
  readonly effects = fromCallback<Effect, null>(({ receive, sendBack }) => {
    this.#tell = sendBack;
    receive((effect) => {
      if (effect.type === 'piece.check') void this.#checkPiece(effect, sendBack);
      else if (effect.type === 'disk.readBack') void this.#readBack(sendBack);
      else this.#attempt(sendBack, () => this.#carryOut(effect));
    });
  });

  async #checkPiece({ index, piece, parts }: Extract<Effect, { type: 'piece.check' }>, sendBack: (event: CoordinatorEvent) => void): Promise<void> {
    const { pieces } = this.options;
    if (pieces === null) return;
    try {
      const { hex, partHashes } = await this.#opened().hashPiece(pieces.algorithm, piece, parts);
      sendBack({ type: hex === pieces.hashes[index] ? 'piece.proved' : 'piece.refuted', index, hashes: partHashes, atMs: this.#nowMs() });
    } catch (error) {
      sendBack({ type: 'download.stop', reason: reasonFor(error) });
    }
  }

  async #readBack(sendBack: (event: CoordinatorEvent) => void): Promise<void> {
    try {
      await this.#opened().readBack((part) => sendBack({ type: 'recovery.read', ...part, atMs: this.#nowMs() }));
    } catch (error) {
      sendBack({ type: 'download.stop', reason: reasonFor(error) });
    }
  }

  #carryOut(effect: Exclude<Effect, { type: 'piece.check' | 'disk.readBack' }>): void {
    switch (effect.type) {
      case 'disk.settle':
        this.#opened().settleSize(effect.totalBytes);
        break;
      case 'disk.admit':
        this.#opened().admit(effect.mirrorId);
        break;
      case 'disk.refuse':
        this.#opened().refuse(effect.mirrorId, effect.proved);
        break;
      case 'disk.validator':
        this.#opened().addSource(effect.mirrorId, this.#names.get(effect.mirrorId) ?? '', effect.validator);
        break;
      case 'disk.forget':
        this.#opened().forget(effect.range);
        break;
      case 'disk.exchange':
        this.#opened().exchangeVersion(effect.range, effect.fromId, effect.toId);
        break;
      case 'disk.startOver':
        this.#opened().startOver();
        // The validators of the version that is gone would refuse the new one.
        for (const [mirrorId, { href }] of this.#mirrors) this.#plane.post({ type: 'mirror.add', mirrorId, url: href, validator: null });
        break;
      case 'limit.set':
      case 'mirror.equate':
        this.#plane.post(effect);
        break;
    }
  }

  /** Bytes of mirrors that are only compared. */
  readonly sample = sampleLogic({ plane: () => this.#plane, store: () => this.#opened(), nowMs: () => this.#nowMs(), ticks: this.ticks });

  /** `verifying`: what can be proved of the file. */
  readonly verify = fromPromise<Outcome<{ readonly proof: Proof }>, { readonly totalBytes: number }>(({ input, signal }) =>
    outcomeOf(async () => {
      const { checksums } = this.options;
      if (checksums.length === 0) return { proof: 'none' };
      const store = this.#opened();
      const digests = await Promise.all(checksums.map(async ({ algorithm, hex }) => ({ algorithm, hex, found: await store.digest(algorithm, input.totalBytes, signal) })));
      for (const { algorithm, hex, found } of digests) {
        if (found !== hex) throw new PlaitError('checksum-mismatch', `The file’s ${algorithm} is ${found}, not ${hex} as asked for: the content is wrong, or the checksum is of another file.`);
      }
      return { proof: 'checksum' };
    }),
  );

  readonly publish = fromPromise<Outcome<{ readonly path: string }>, { readonly totalBytes: number }>(({ input }) =>
    outcomeOf(async () => ({ path: await this.#opened().publish(input.totalBytes) })),
  );

  /** `stopping.keeping`: leaves everything for a resume, or sets aside what must never be resumed. */
  readonly keep = fromPromise<EndReason, { readonly reason: EndReason }>(async ({ input: { reason } }) => {
    if (this.#store === null) return reason;
    try {
      if (reason.code === 'checksum-mismatch') {
        const badPath = await this.#store.setAside();
        return badPath === null ? reason : { ...reason, message: `${reason.message} It was set aside as ${badPath}.` };
      }
      await this.#store.keep();
      return reason;
    } catch (error) {
      // The first reason is the one that matters; that keeping failed, too, is added to it.
      return { ...reason, message: `${reason.message} And: ${reasonFor(error).message}` };
    }
  });
}

const diskErrorOf = (error: unknown): unknown => (error instanceof PlaitError ? error : diskError(error, 'the part file or its journal'));
