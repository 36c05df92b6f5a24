/**
 * Samples at work: each is an actor that reads ranges of a mirror and, where that is asked for, of the part file, and
 * tells the coordinator their hashes.
 */
import type { Observable, Subscription } from 'rxjs';
import { fromCallback } from 'xstate';
import type { EventObject } from 'xstate';
import { SAMPLE_PACE_BYTES, SAMPLE_SILENCE_MS } from '../base/bounds.ts';
import type { Difference } from '../base/difference.ts';
import type { OutsideEvent, SampleFact, SampleInput } from '../machines/events.ts';
import type { DataPlane, DifferentBlock, SampleAnswer } from '../net/data-plane.ts';
import type { Store } from '../store/store.ts';
import { reasonFor } from './reasons.ts';

export interface SampleSources {
  readonly plane: () => DataPlane;
  readonly store: () => Pick<Store, 'hashBlocks' | 'keepVersion' | 'keepDifferences'>;
  readonly nowMs: () => number;
  /** Ten times a second, the moment. */
  readonly ticks: Observable<number>;
}

type Told = Omit<Extract<SampleFact, { type: 'sample.answered' }>, 'atMs'> | Omit<Extract<SampleFact, { type: 'sample.failed' }>, 'atMs'>;

/** Calls off what a silent or trickling server would hold up for ever. */
function watchForSilence({ plane, nowMs, ticks }: SampleSources, mirrorId: number, callOff: AbortController): Subscription {
  let heardBytes = plane().receivedBytes(mirrorId);
  let heardAtMs = nowMs();
  return ticks.subscribe((atMs) => {
    const bytes = plane().receivedBytes(mirrorId);
    if (bytes - heardBytes >= SAMPLE_PACE_BYTES) {
      heardAtMs = atMs;
      heardBytes = bytes;
    }
    if (atMs - heardAtMs >= SAMPLE_SILENCE_MS) callOff.abort('stalled');
  });
}

/** What differs is kept: of whole stretches the bytes that do, and of bytes on which others differ all of them. */
function kept(store: ReturnType<SampleSources['store']>, { mirrorId, aim, ranges, blockBytes }: SampleInput, different: readonly DifferentBlock[]): readonly Difference[] {
  const differences: Difference[] = [];
  for (const { start, bytes } of different) {
    const range = ranges.find((each) => each.start <= start && start < each.end);
    if (aim === 'opinion' || range === undefined) {
      store.keepVersion(mirrorId, start, bytes);
      continue;
    }
    differences.push(...store.keepDifferences(mirrorId, { start, end: Math.min(start + blockBytes, range.end) }, bytes));
  }
  return differences;
}

async function take(sources: SampleSources, input: SampleInput, callOff: AbortController): Promise<Told> {
  const { mirrorId, aim, ranges, blockBytes, totalBytes, inFile } = input;
  const watch = watchForSilence(sources, mirrorId, callOff);
  try {
    const fileHashes: (readonly string[] | null)[] = [];
    for (const [index, range] of ranges.entries()) fileHashes.push(inFile[index] === true ? await sources.store().hashBlocks(range, blockBytes) : null);
    // Behind a balancer each connection may reach another server, and only then its tags are seen together.
    const isSearch = aim === 'search' || aim === 'opinion';
    const ask = { mirrorId, ranges, blockBytes, totalBytes, onFreshLanes: aim === 'recheck', ...(isSearch ? { against: fileHashes } : {}) };
    const answer: SampleAnswer = await sources.plane().sample(ask, callOff.signal);
    if (answer.kind === 'failed') return { type: 'sample.failed', mirrorId, aim, ranges, code: answer.code, detail: answer.detail, retryAfterMs: answer.retryAfterMs, receivedBytes: answer.receivedBytes };
    return { type: 'sample.answered', mirrorId, aim, ranges, hashes: answer.hashes, fileHashes, validators: answer.validators, differences: kept(sources.store(), input, answer.different) };
  } finally {
    watch.unsubscribe();
  }
}

/** The coordinator's `sample`. */
export const sampleLogic = (sources: SampleSources): ReturnType<typeof fromCallback<EventObject, SampleInput>> =>
  fromCallback<EventObject, SampleInput>(({ input, sendBack }) => {
    const callOff = new AbortController();
    take(sources, input, callOff).then(
      (told) => sendBack({ ...told, atMs: sources.nowMs() } satisfies SampleFact),
      // Our own disk failed or is full: the mirror is not to blame. Whoever stops or pauses calls every sample off.
      (error: unknown) => sendBack({ type: 'download.stop', reason: reasonFor(error) } satisfies OutsideEvent),
    );
    return () => callOff.abort('cancelled');
  });
