/** The actors that the coordinator runs: its own machines, and the effects that whoever runs it gives through `provide`. */
import type { EventObject } from 'xstate';
import type { Proof } from './coordinator-context.ts';
import type { SampleInput } from './events.ts';
import { callbackToProvide, promiseToProvide } from './not-provided.ts';
import type { EndReason } from './plan/ending.ts';
import type { Outcome, RecoveredWork } from './rulings/on-course.ts';
import type { Effect } from './rulings/ruling.ts';
import { segmentMachine } from './segment.ts';
import { serverMachine } from './server.ts';

export const coordinatorActors = {
  segment: segmentMachine,
  server: serverMachine,
  clock: callbackToProvide<EventObject, null>('clock'),
  effects: callbackToProvide<Effect, null>('effects'),
  sample: callbackToProvide<EventObject, SampleInput>('sample'),
  nameTarget: promiseToProvide<Outcome<object>, { readonly waitMs: number }>('nameTarget'),
  openStore: promiseToProvide<Outcome<{ readonly recovered: RecoveredWork | null }>, null>('openStore'),
  verify: promiseToProvide<Outcome<{ readonly proof: Proof }>, { readonly totalBytes: number }>('verify'),
  publish: promiseToProvide<Outcome<{ readonly path: string }>, { readonly totalBytes: number }>('publish'),
  keep: promiseToProvide<EndReason, { readonly reason: EndReason }>('keep'),
};
