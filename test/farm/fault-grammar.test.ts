import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { parseFault, parseFaultList } from '../../src/farm/fault-grammar.ts';
import { FARM_FAULTS, FAULT_NAMES } from '../../src/farm/fault-names.ts';

const START = { kind: 'start' };
const plain = { moment: START, amount: null, text: null };

const failing = (text: string): unknown => {
  try {
    return parseFaultList(text);
  } catch (error) {
    return error;
  }
};

describe('the grammar of --fault', () => {
  test.each([
    ['2:die@3s', [{ server: 2, fault: { ...plain, name: 'die', moment: { kind: 'time', ms: 3_000 } } }]],
    ['1:stall@25%', [{ server: 1, fault: { ...plain, name: 'stall', moment: { kind: 'share', share: 0.25 } } }]],
    ['3:corrupt@1M', [{ server: 3, fault: { ...plain, name: 'corrupt', amount: 1_048_576 } }]],
    ['3:flip=7@500ms', [{ server: 3, fault: { ...plain, name: 'flip', amount: 7, moment: { kind: 'time', ms: 500 } } }]],
    ['1:stall@1M', [{ server: 1, fault: { ...plain, name: 'stall', moment: { kind: 'sent', bytes: 1_048_576 } } }]],
    ['1:stall@1m', [{ server: 1, fault: { ...plain, name: 'stall', moment: { kind: 'time', ms: 60_000 } } }]],
    ['1:stall@1000B', [{ server: 1, fault: { ...plain, name: 'stall', moment: { kind: 'sent', bytes: 1_000 } } }]],
    ['1:stall@3', [{ server: 1, fault: { ...plain, name: 'stall', moment: { kind: 'time', ms: 3_000 } } }]],
    ['2:slow=20K@2s', [{ server: 2, fault: { ...plain, name: 'slow', amount: 20_480, moment: { kind: 'time', ms: 2_000 } } }]],
    ['1:429', [{ server: 1, fault: { ...plain, name: '429' } }]],
    ['1:503=7', [{ server: 1, fault: { ...plain, name: '503', amount: 7 } }]],
    ['1:redirect=http://a@b/c,d', [{ server: 1, fault: { ...plain, name: 'redirect', text: 'http://a@b/c,d' } }]],
    [
      '1:retry-after=Wed, 21 Oct 2026 07:28:00 GMT, 4:no-range',
      [
        { server: 1, fault: { ...plain, name: 'retry-after', text: 'Wed, 21 Oct 2026 07:28:00 GMT' } },
        { server: 4, fault: { ...plain, name: 'no-range' } },
      ],
    ],
    ['', []],
  ])('%s', (text, faults) => {
    expect(parseFaultList(text)).toEqual(faults);
  });

  test.each([
    ['die@3s', 1],
    ['0:die', 1],
    ['1:explode', 1],
    ['1:stall,2:explode', 2],
    ['1:stall@soon', 1],
    ['1:stall=3', 1],
    ['1:slow', 1],
    ['1:slow=0', 1],
    ['1:slow=fast', 1],
    ['1:redirect', 1],
    ['1:redirect=http://a/\u0007', 1],
    ['1:revive', 1],
    ['1:revive@25%', 1],
    ['1:corrupt=5@1M', 1],
    ['1:stall@1000h', 1],
    ['1:429=soon', 1],
  ])('%j is refused as wrong usage, naming the entry', (text, number) => {
    const error = failing(text);
    expect(error).toBeInstanceOf(PlaitError);
    expect(error).toMatchObject({ code: 'usage' });
    expect(String(error)).toContain(`(number ${number}, at character`);
  });

  test('an unknown name is answered with the names that there are', () => {
    const message = String(failing('1:explode'));
    for (const name of FAULT_NAMES) expect(message).toContain(name);
  });

  test('every name is read back, with a value where it needs one', () => {
    for (const [name, { value, says }] of Object.entries(FARM_FAULTS)) {
      const text = value === 'rate' ? `${name}=20K` : value === 'text' ? `${name}=x` : name;
      expect(parseFault(text).name).toBe(name);
      expect(says).not.toBe('');
    }
  });
});
