import { fromCallback, fromPromise } from 'xstate';
import type { EventObject, NonReducibleUnknown } from 'xstate';

/**
 * Placeholders for effects. A machine names the actors it needs; who runs it gives the real ones through `provide`. A
 * machine that is run without them says so at once instead of waiting for ever.
 */
const missing = (name: string): never => {
  throw new Error(`The actor "${name}" has to be given through provide().`);
};

export const callbackToProvide = <Order extends EventObject, Input extends NonReducibleUnknown>(name: string) =>
  fromCallback<Order, Input>(() => missing(name));

export const promiseToProvide = <Output, Input extends NonReducibleUnknown>(name: string) =>
  fromPromise<Output, Input>(() => Promise.resolve().then(() => missing(name)));
