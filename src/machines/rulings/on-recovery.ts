/**
 * What an earlier run left before a restart of the machine is read back while the rest is fetched. Until all of it was,
 * nobody is compared with it, no piece of it is checked, and nothing is published.
 */
import { add, bytesIn } from '../../base/range-set.ts';
import { formatBytes } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import type { RecoveryFact } from '../events.ts';
import { freed } from '../plan/segment-map.ts';
import { NOTHING, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

/** Whether all that is in the file is what was written there. */
export const isReadBack = ({ trust }: CoordinatorContext): boolean => trust.unread.length === 0;

export function recoveryRead(context: CoordinatorContext, { held, lost, left, atMs }: RecoveryFact): Ruling {
  // Begun again meanwhile: nobody asks any more.
  if (isReadBack(context)) return NOTHING;
  let { map } = context;
  for (const range of lost) map = freed(map, range);
  const trust = { ...context.trust, unread: left, earlier: held.reduce((set, range) => add(set, range), context.trust.earlier) };
  const after = { ...context, nowMs: atMs };
  const orders: RulingOrder[] = [];
  if (lost.length > 0) orders.push(said(after, 'recovery-lost', `${formatBytes(bytesIn(lost))} of what an earlier run left did not survive the restart of the machine, and are fetched again.`));
  if (left.length === 0) orders.push(said(after, 'recovery-read', 'What an earlier run left was read back: all that is there now is what was written.'));
  return { change: { map, trust, nowMs: atMs }, orders };
}
