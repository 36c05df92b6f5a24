import { expect, test } from 'vitest';
import { FAULTS } from '../../src/base/faults.ts';
import type { FaultCode } from '../../src/base/faults.ts';
import { adviceOn } from '../../src/machines/rulings/advice.ts';

const codes = Object.keys(FAULTS) as readonly FaultCode[];

test('more time is advised where one server at least may come yet, and nowhere else', () => {
  for (const code of codes) expect(adviceOn([code]).includes('--wait'), code).toBe(FAULTS[code].class === 'retry');
  expect(adviceOn(['not-found', 'refused'])).toContain('--wait');
  expect(adviceOn(['not-found', null])).toContain('--wait');
});

test('each final refusal has what helps against it, said once', () => {
  expect(adviceOn(['not-found', 'not-found'])).toBe('Check the addresses, or name other servers.');
  expect(adviceOn(['tls-failed'])).toMatch(/^Name the authority .*--ca/u);
  expect(adviceOn(['forbidden'])).toContain('-H');
  expect(adviceOn(['too-many-redirects', 'not-found'])).toBe('Give an address that does not redirect to itself; check the addresses, or name other servers.');
  for (const code of codes) expect(adviceOn([code])).toMatch(/^[A-Z].*\.$/u);
});
