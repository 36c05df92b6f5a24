/** Every machine of the program, by name: what `plait machines` prints and what a reader of the code starts from. */
import type { AnyStateMachine } from 'xstate';
import { coordinatorMachine } from '../machines/coordinator.ts';
import { farmServerMachine } from '../machines/farm-server.ts';
import { farmMachine } from '../machines/farm.ts';
import { segmentMachine } from '../machines/segment.ts';
import { serverMachine } from '../machines/server.ts';

export const MACHINES: readonly AnyStateMachine[] = [coordinatorMachine, serverMachine, segmentMachine, farmMachine, farmServerMachine];
