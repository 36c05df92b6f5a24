import { expect, test } from 'vitest';
import type { DownloadResult } from '../../src/metrics/events.ts';
import { summaryLines } from '../../src/ui/summary.ts';
import { downloadView } from './support/models.ts';

const result: DownloadResult = { path: '/home/ada/f.bin', bytes: 1, seconds: 0.2, verified: 'none', crossCheckedBytes: 0, wastedBytes: 0, resumedBytes: 0, efficiency: 0.51, servers: [], refused: [] };

test('a capped run names its limit beside the share of what the servers could give', () => {
  expect(summaryLines(result, downloadView({ limitBytesPerSec: 1024 ** 2 }))[1]).toMatch(/^51 % of what the servers could give, under the limit of 1\.00 MiB\/s; /u);
  expect(summaryLines(result, downloadView())[1]).toMatch(/^51 % of what the servers could give; /u);
});

test('one byte is one byte', () => {
  expect(summaryLines(result, downloadView())[0]).toContain('f.bin: 1 byte in 0.2 s');
});
