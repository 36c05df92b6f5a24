import { join } from 'node:path';
import { inject } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type * as farms from '../../src/farm/farm.ts';
import type { Farm, FarmOptions } from '../../src/farm/farm.ts';
import { ownPorts } from './own-ports.ts';

/**
 * A farm on ports of its own. It is the bundled one: each server is a process, and from its sources a process needs ten
 * times as long to start.
 */
export async function startFarm(options: FarmOptions, inspect?: (event: InspectionEvent) => void): Promise<Farm> {
  const built = (await import(/* @vite-ignore */ join(inject('bundleFolder'), 'farm.js'))) as typeof farms;
  return built.startFarm({ ...options, ports: options.ports ?? (await ownPorts(options.count ?? 5)) }, inspect);
}
