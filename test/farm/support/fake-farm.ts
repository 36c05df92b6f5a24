/** A farm without any process: its machines are the real ones, and its processes do as the test says. */
import { createActor, fromCallback, SimulatedClock } from 'xstate';
import type { InspectionEvent } from 'xstate';
import { farmMachine } from '../../../src/machines/farm.ts';
import type { FarmInput } from '../../../src/machines/farm.ts';
import { farmServerMachine } from '../../../src/machines/farm-server.ts';
import type { FarmServerEvent, FarmServerInput, ProcessEnd, ProcessOrder } from '../../../src/machines/farm-server.ts';

export const KILLED: ProcessEnd = { code: 'killed', detail: 'It was killed.' };

export interface FakeProcesses {
  /** Why a process cannot listen; null where it can. */
  readonly refuses?: (index: number) => ProcessEnd | null;
  /** Processes that have been started listen only when the test says so. */
  readonly areSlow?: boolean;
  /** Processes that have been killed are gone only when the test says so. */
  readonly leavesOnlyWhenTold?: boolean;
  readonly inspect?: (event: InspectionEvent) => void;
}

/** A farm whose processes obey at once, but for those that are told otherwise. */
export function farmOf(input: Partial<FarmInput>, { refuses = () => null, areSlow = false, leavesOnlyWhenTold = false, inspect }: FakeProcesses = {}) {
  const clock = new SimulatedClock();
  const orders: string[] = [];
  const say = new Map<number, (event: FarmServerEvent) => void>();
  const process = fromCallback<ProcessOrder, FarmServerInput>(({ input: { index }, receive, sendBack }) => {
    const tell = (event: FarmServerEvent): void => sendBack(event);
    say.set(index, tell);
    receive((order) => {
      orders.push(`${index} ${order.type}`);
      const refusal = refuses(index);
      if (order.type === 'process.kill' && !leavesOnlyWhenTold) tell({ type: 'process.ended', end: KILLED });
      if (order.type !== 'process.start') return;
      if (refusal !== null) tell({ type: 'process.ended', end: refusal });
      else if (!areSlow) tell({ type: 'process.listening' });
    });
  });
  const machine = farmMachine.provide({ actors: { server: farmServerMachine.provide({ actors: { process } }) } });
  const actor = createActor(machine, { clock, input: { servers: 3, schedule: [], deadAtStart: [], ...input }, ...(inspect === undefined ? {} : { inspect }) });
  actor.start();
  const states = (): string => actor.getSnapshot().context.states.join(' ');
  return { actor, clock, orders, say, states };
}
