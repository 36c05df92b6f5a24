/** Start-up: the program without a download, against an empty Node. */
import type { BenchPlace } from './bench-place.ts';
import { measure } from './measure.ts';
import type { Claim, Contender, Row } from './rows.ts';

export function startUp(place: BenchPlace): Row {
  const contender = (name: string, args: readonly string[]): Contender => ({ name, run: () => measure([process.execPath, ...args]), result: null });
  const claim = (figure: Claim['figure'], of: string): Claim => ({ figure, of, against: 'node -e 0', atMost: 2 });
  return {
    key: 'start',
    work: 'start-up, the whole process',
    contenders: [contender('node -e 0', ['-e', '0']), contender('plait --version', [place.cliPath, '--version']), contender('plait get --help', [place.cliPath, 'get', '--help'])],
    timesRuns: 4,
    claims: [claim('wallSec', 'plait --version'), claim('cpuSec', 'plait --version'), claim('wallSec', 'plait get --help'), claim('cpuSec', 'plait get --help')],
    finish: () => Promise.resolve(),
  };
}
