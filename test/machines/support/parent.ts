import { createActor, createMachine } from 'xstate';
import type { ActorRefFrom, AnyStateMachine, InputFrom, SimulatedClock } from 'xstate';

/** Runs a machine under a parent that only listens, as its coordinator would. */
export function listening<Machine extends AnyStateMachine>(
  machine: Machine,
  input: InputFrom<Machine>,
  hear: (event: unknown) => void,
  clock: SimulatedClock,
): ActorRefFrom<Machine> {
  const parent = createActor(
    createMachine({
      invoke: { id: 'child', src: machine, input },
      on: { '*': { actions: ({ event }) => (event.type.startsWith('xstate.') ? undefined : hear(event)) } },
    }),
    { clock },
  ).start();
  const child = parent.getSnapshot().children['child'];
  if (child === undefined) throw new Error('the child did not start');
  return child as ActorRefFrom<Machine>;
}
