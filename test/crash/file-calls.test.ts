import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { oracleBytes } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';
import { isThorough } from '../support/thorough.ts';
import { canTrace, runWithFault, unlessTraced } from './inject.ts';
import type { Injection } from './inject.ts';

const SIZE_BYTES = 300_007;
/** More calls of one kind than a small download makes: whoever gets there does not end. */
const CALLS_MAX = 60;

const done = { kills: 0, errors: 0 };
afterAll(() => void process.stdout.write(`${done.kills} runs of plait get were killed at a file call, ${done.errors} met an error at one\n`));

const CHANGING = ['pwrite64', 'openat', 'rename', 'link', 'unlink', 'fsync'] as const;
const CALLS = isThorough ? ([...CHANGING, 'ftruncate', 'fdatasync', 'statx', 'access', 'lstat', 'close'] as const) : CHANGING;

/** Written to the most often: unless all are asked for, every third write stands for its neighbours. */
const strideOf = (call: string): number => (call === 'pwrite64' && !isThorough ? 3 : 1);

const twoOrigins = async (): Promise<readonly string[]> => {
  const origins = await Promise.all([1, 2].map(() => startOrigin((request, response) => answerOracle(request, response, { sizeBytes: SIZE_BYTES }))));
  return origins.map(({ url }) => `${url}/f.bin`);
};

async function expectExactIfThere(env: TestEnv, name: string): Promise<boolean> {
  const isThere = (await env.left()).includes(name);
  if (isThere) expect(await env.verdict(name)).toMatchObject({ sizeBytes: SIZE_BYTES, firstWrongByte: null });
  return isThere;
}

/** The next run, undisturbed: the exact file stands under its name, alone. */
async function expectRecovery(env: TestEnv, name: string, urls: readonly string[], wasThere: boolean): Promise<void> {
  const again = await env.run(['get', '--json', '-o', name, ...urls]);
  expect(again.status).toBe(wasThere ? 6 : 0);
  expect(await expectExactIfThere(env, name)).toBe(true);
  expect((await env.left()).filter((each) => each.startsWith(name))).toEqual([name]);
}

/** Has the 1st, the 2nd … such call fail (of writes the 1st, the 4th …), each in a download of its own, until a run makes no such call any more. */
async function atEvery(call: string, fault: string, on: Injection['on'], judge: (env: TestEnv, name: string, urls: readonly string[], status: number | null) => Promise<void>): Promise<number> {
  const env = await TestEnv.create();
  const urls = await twoOrigins();
  for (let nth = 1; nth <= CALLS_MAX; nth += strideOf(call)) {
    const name = `f${nth}.bin`;
    const { ended, isHit } = await runWithFault(env, name, urls, { call, fault, nth, ...(on === undefined ? {} : { on }) });
    if (!isHit) {
      expect(ended.status).toBe(0);
      return nth - 1;
    }
    done[fault.startsWith('signal') ? 'kills' : 'errors'] += 1;
    await judge(env, name, urls, ended.status);
  }
  throw new Error('The program makes more such calls than this test follows.');
}

/** Both threads open files: the journal's are counted apart, or they would hide behind the part file's. */
const placesOf = (call: string): readonly Injection['on'][] => (call === 'openat' || call === 'statx' ? [['', '.plait', 'folder'], ['.plait-journal', '.plait-journal-new']] : [undefined]);

describe.skipIf(!canTrace)(`a fault at every file call of plait get${unlessTraced}`, () => {
  test.each(CALLS)('case 57: kill -9 at every %s of a small download: the resume is exact', async (call) => {
    let kills = 0;
    for (const on of placesOf(call)) {
      kills += await atEvery(call, 'signal=SIGKILL', on, async (env, name, urls, status) => {
        expect(status).not.toBe(0);
        await expectRecovery(env, name, urls, await expectExactIfThere(env, name));
      });
    }
    if (CHANGING.some((each) => each === call)) expect(kills).toBeGreaterThan(0);
  });

  const errors = isThorough ? CALLS.flatMap((call) => ['EIO', 'ENOSPC', 'EDQUOT'].map((error) => [error, call] as const)) : [['EIO', 'fsync'], ['EIO', 'link'], ['EDQUOT', 'pwrite64']] as const;
  test.each(errors)(
    'case 63, 64: %s at every %s ends loudly, never with exit 0 and a bad file',
    async (error, call) => {
      for (const on of placesOf(call)) {
        await atEvery(call, `error=${error}`, on, async (env, name, urls, status) => {
          const isThere = await expectExactIfThere(env, name);
          // A journal that cannot be closed or removed is no reason to call an exact file bad; anything else is told.
          expect(isThere ? [0, 5] : [5]).toContain(status);
          await expectRecovery(env, name, urls, isThere);
        });
      }
    },
  );

  test('case 65: a write that takes 100 bytes of many is gone on with behind them', async () => {
    const env = await TestEnv.create();
    const urls = await twoOrigins();
    // strace says "100" and writes nothing: all the others must lie where they belong, and these alone are missing.
    const { ended, isHit } = await runWithFault(env, 'f.bin', urls, { call: 'pwrite64', fault: 'retval=100', nth: 1, on: ['.plait'] });
    expect({ isHit, status: ended.status }).toEqual({ isHit: true, status: 0 });
    const found = await readFile(env.path('f.bin'));
    const right = oracleBytes(0, SIZE_BYTES);
    const wrong = [...found.keys()].filter((at) => found[at] !== right[at]);
    expect(found.length).toBe(SIZE_BYTES);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.length).toBeLessThanOrEqual(100);
    expect((wrong.at(-1) ?? 0) - (wrong[0] ?? 0)).toBeLessThan(100);
  });
});
