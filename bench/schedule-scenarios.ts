/** The five scenarios whose figures the scheduler is held to on real sockets; `test/sim/named-scenarios.ts` has the same in virtual time. */
import type { FarmShape } from './shaped-farm.ts';

const MIB = 1024 * 1024;

/** What every scenario fetches. */
export const SCHEDULED_BYTES = 100 * MIB;

export interface ScheduleScenario {
  readonly name: string;
  readonly farm: FarmShape;
  /** The size over the sum of what the servers can give, in seconds. */
  readonly idealSec: number;
  /** Ideal ÷ the whole process's time that is asked for. */
  readonly target: number;
}

export const SCHEDULE_SCENARIOS: readonly ScheduleScenario[] = [
  {
    name: 'five servers of 8, 4, 2, 1, ½ MiB/s, round trips 20–100 ms',
    farm: { rate: '8M,4M,2M,1M,512K', latency: '20ms,40ms,60ms,80ms,100ms' },
    idealSec: 100 / 15.5,
    target: 0.95,
  },
  { name: '8+4+4 MiB/s, the fast one dies at 3 s', farm: { rate: '8M,4M,4M', latency: '20ms', fault: '1:die@3s' }, idealSec: 3 + (100 - 48) / 8, target: 0.96 },
  { name: '5+5+5 MiB/s, one stalls at 2 s for good', farm: { rate: '5M,5M,5M', latency: '20ms', fault: '1:stall@2s' }, idealSec: 2 + (100 - 30) / 10, target: 0.93 },
  { name: '5+5+5 MiB/s, one drops to 20 KiB/s at 2 s', farm: { rate: '5M,5M,5M', latency: '20ms', fault: '1:slow=20K@2s' }, idealSec: 2 + 70 / (10 + 20 / 1024), target: 0.93 },
  { name: '10+5+5 MiB/s, round trips of 300 ms, slow start', farm: { rate: '10M,5M,5M', latency: '300ms', slowStart: true }, idealSec: 5, target: 0.67 },
];
