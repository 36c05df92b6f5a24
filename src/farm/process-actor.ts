import { fromCallback } from 'xstate';
import { farmServerMachine } from '../machines/farm-server.ts';
import type { FarmServerEvent, FarmServerInput, ProcessOrder } from '../machines/farm-server.ts';
import { parseFault } from './fault-grammar.ts';
import type { ServerProcess } from './server-process.ts';

/** The server machine with a real process behind it: one of `processes`, by index. */
export function serverMachineOver(processes: readonly ServerProcess[]): typeof farmServerMachine {
  const process = fromCallback<ProcessOrder, FarmServerInput>(({ input, receive, sendBack }) => {
    const server = processes[input.index - 1];
    if (server === undefined) throw new RangeError(`There is no server ${input.index}.`);
    const say = (event: FarmServerEvent): void => sendBack(event);
    receive((order) => {
      if (order.type === 'process.kill') server.kill();
      else if (order.type === 'farm.begin') server.begin(order.atMs);
      else if (order.type === 'fault.add') server.addFault(parseFault(order.fault));
      else {
        server.start({
          listening: () => say({ type: 'process.listening' }),
          requestArrived: (atMs) => say({ type: 'request.arrived', atMs }),
          ended: (end) => say({ type: 'process.ended', end }),
        });
      }
    });
    return () => server.kill();
  });
  return farmServerMachine.provide({ actors: { process } });
}
