import { describe, expect, test } from 'vitest';
import { Mirror } from '../../src/net/mirror.ts';

const AT = new URL('http://example.test/file');

/** A mirror that was looked at whatever its version, and has answered with this validator. */
function lookedAt(mirror: Mirror, validator: string): Mirror {
  const look = mirror.forAnyVersion();
  look.answered(AT, validator);
  return look;
}

describe('a mirror that was sampled', () => {
  test('before its first lease is held to the version that was sampled', () => {
    const mirror = new Mirror(1, AT, 0, null);
    mirror.learn(lookedAt(mirror, '"one"'));
    expect(mirror.validatorAt(AT)).toBe('"one"');
  });

  test('after its first lease, or with a validator from an earlier run, is held to what it gave then', () => {
    const mirror = new Mirror(1, AT, 0, null);
    mirror.answered(AT, '"one"');
    mirror.learn(lookedAt(mirror, '"two"'));
    expect(mirror.validatorAt(AT)).toBe('"one"');
    const resumed = new Mirror(2, AT, 0, '"earlier"');
    resumed.learn(lookedAt(resumed, '"two"'));
    expect(resumed.validatorAt(AT)).toBe('"earlier"');
  });
});
