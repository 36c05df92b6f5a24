/** What the file is called, where neither the user nor the first URL says: the mirrors are asked until one of them answers. */
import { BACKOFF_MIN_MS, LIVE_SERVERS_MAX } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { faultClassOf } from '../base/faults.ts';
import { pause } from '../base/pause.ts';
import type { OutsideEvent } from '../machines/events.ts';
import { nobodyDelivers } from '../machines/rulings/advice.ts';
import type { NameReply } from '../net/data-plane.ts';
import { NAMELESS } from './target-name.ts';

export interface NameQuestion {
  /** Their redacted URLs, by number. */
  readonly mirrors: ReadonlyMap<number, { readonly url: string }>;
  readonly ask: (mirrorId: number, signal: AbortSignal) => Promise<NameReply>;
  /** Hears of every mirror that gives no answer, each time. */
  readonly tell: (fact: Extract<OutsideEvent, { type: 'name.unanswered' }>) => void;
  readonly nowMs: () => number;
  readonly waitMs: number;
}

type Failure = Extract<NameReply, { kind: 'failed' }>;

/**
 * The first answer's name. Each mirror is asked once a second at most, and no sooner than it asks for; one that cannot
 * serve the file is asked no more.
 * @throws PlaitError `no-server` where nobody answers for `waitMs`
 */
export async function askedName({ mirrors, ask, tell, nowMs, waitMs }: NameQuestion, signal: AbortSignal): Promise<string> {
  const startedAtMs = nowMs();
  const leftMs = (): number => startedAtMs + waitMs - nowMs();
  const failures = new Map<number, Failure>();
  const firstAnswer = new AbortController();
  const asked = AbortSignal.any([signal, firstAnswer.signal]);
  const answerOf = async (mirrorId: number): Promise<string> => {
    for (;;) {
      const reply = await ask(mirrorId, asked);
      if (reply.kind === 'named') return reply.fileName ?? NAMELESS;
      const { code, detail, retryAfterMs } = reply;
      if (asked.aborted) throw new Error('no answer');
      failures.set(mirrorId, reply);
      tell({ type: 'name.unanswered', mirrorId, code, detail, retryAfterMs, atMs: nowMs() });
      if (faultClassOf(code) === 'out') throw new Error('no answer');
      await pause(Math.min(Math.max(BACKOFF_MIN_MS, retryAfterMs ?? 0), Math.max(0, leftMs())), asked);
      if (asked.aborted || leftMs() <= 0) throw new Error('no answer');
    }
  };
  try {
    return await Promise.any([...mirrors.keys()].slice(0, LIVE_SERVERS_MAX).map(answerOf));
  } catch {
    throw new PlaitError('no-server', nobodyDelivers([...mirrors].map(([mirrorId, { url }]) => ({ mirrorId, url, fault: failures.get(mirrorId) ?? null }))));
  } finally {
    firstAnswer.abort();
  }
}
