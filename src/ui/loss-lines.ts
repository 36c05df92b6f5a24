/** The losses of servers as lines of a log: each cause once, and then how it goes on, so that a dead server does not fill a disk. */
import { LOSS_REMINDER_MS, LOSSES_NAMED_MAX } from '../base/bounds.ts';
import type { FaultCode } from '../base/faults.ts';
import type { Decision } from '../machines/decisions.ts';

interface Away {
  readonly fault: FaultCode | undefined;
  /** How often it has been lost since it was last there. */
  readonly times: number;
  readonly toldAtMs: number;
}

export class LossLines {
  readonly #away = new Map<number, Away>();

  /**
   * What is to be said of a decision; null where it has been said before. A server that stays away for the same cause is
   * told of once, and after that in one line for all of them, twice a minute at most; one that is back is told of anew.
   */
  said(decision: Decision): string | null {
    const { kind, mirrorId, why, fault, atMs } = decision;
    if (mirrorId === undefined) return why;
    // What is handed to a server that is away is how it is asked again, and comes back if it still is.
    if (kind === 'segment-moved' && this.#away.has(mirrorId)) return null;
    if (kind !== 'server-lost') {
      if (kind.startsWith('server-')) this.#away.delete(mirrorId);
      return why;
    }
    const before = this.#away.get(mirrorId);
    const times = (before?.times ?? 0) + 1;
    const isNews = before?.fault !== fault || before === undefined;
    this.#away.set(mirrorId, { fault, times, toldAtMs: isNews ? atMs : before.toldAtMs });
    if (isNews) return why;
    return atMs - before.toldAtMs >= LOSS_REMINDER_MS ? this.#reminder(atMs) : null;
  }

  /** One line for all that are away, those first that have been so longest. */
  #reminder(atMs: number): string {
    const named = [...this.#away].slice(0, LOSSES_NAMED_MAX).map(([mirrorId, { times }]) => `server ${mirrorId} (asked ${times} ${times === 1 ? 'time' : 'times'})`);
    const others = this.#away.size - named.length;
    for (const [mirrorId, away] of this.#away) this.#away.set(mirrorId, { ...away, toldAtMs: atMs });
    return `Still away: ${named.join(', ')}${others === 0 ? '' : ` and ${others} more`}.`;
  }
}
