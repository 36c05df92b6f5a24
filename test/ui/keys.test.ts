/** What each key does: the screen's own state, and the order that is given. */
import { describe, expect, test } from 'vitest';
import { GET_SCREEN_AT_START, getKey, getPaste } from '../../src/ui/get-steering.ts';
import type { GetOrder, GetScreenState } from '../../src/ui/get-steering.ts';
import { FARM_DIGITS, GET_KEYS, SERVE_KEYS } from '../../src/ui/keys.ts';
import type { KeyName, KeyPress } from '../../src/ui/keys.ts';
import { SERVE_SCREEN_AT_START, serveKey } from '../../src/ui/serve-steering.ts';
import type { ServeOrder, ServeScreenState } from '../../src/ui/serve-steering.ts';
import { downloadView, farmView } from './support/models.ts';

const named: readonly string[] = ['up', 'down', 'enter', 'escape', 'backspace', 'page-down', 'home', 'end'];
const keyOf = (text: string): KeyPress => (named.includes(text) ? { name: text as KeyName, text: '', isCtrl: false } : { name: 'text', text, isCtrl: false });

function pressed(keys: readonly string[], view = downloadView(), hasFarm = false): { state: GetScreenState; orders: readonly GetOrder[] } {
  let state = GET_SCREEN_AT_START;
  const orders: GetOrder[] = [];
  for (const key of keys) {
    const step = getKey(state, keyOf(key), { view, segmentCount: 5, scrollMax: 7, hasFarm });
    state = step.state;
    if (step.order !== null) orders.push(step.order);
  }
  return { state, orders };
}

describe('in the view of a download', () => {
  test.each([
    ['space pauses', [' '], [{ type: 'pause' }]],
    ['q quits', ['q'], [{ type: 'quit' }]],
    ['d drops the chosen server', ['down', 'd'], [{ type: 'drop', mirrorId: 2 }]],
    ['the choice stops at the last server', ['down', 'down', 'down', 'j', 'd'], [{ type: 'drop', mirrorId: 3 }]],
    ['b brings it back', ['j', 'k', 'b'], [{ type: 'restore', mirrorId: 1 }]],
    ['+ and - change its lanes', ['+', '-'], [{ type: 'lanes', mirrorId: 1, lanes: 7 }, { type: 'lanes', mirrorId: 1, lanes: 5 }]],
    ['a and a URL add a mirror', ['a', ...'http://x/', 'enter'], [{ type: 'add', url: 'http://x/' }]],
    ['letters that are typed are no orders', ['a', ...'qd ', 'escape'], []],
    ['l and a rate limit it', ['l', ...'500K', 'enter'], [{ type: 'limit', rateBytesPerSec: 512_000 }]],
    ['l and 0 take the limit away', ['l', '0', 'enter'], [{ type: 'limit', rateBytesPerSec: null }]],
    ['backspace takes back', ['l', '5', '9', 'backspace', 'M', 'enter'], [{ type: 'limit', rateBytesPerSec: 5 * 1024 * 1024 }]],
    ['nothing typed is nothing ordered', ['a', 'enter', 'l', 'enter'], []],
    ['digits do nothing without a farm', ['1'], []],
  ] as const)('%s', (_, keys, orders) => {
    expect(pressed(keys).orders).toEqual(orders);
  });

  test('space goes on where it is paused', () => {
    expect(pressed([' '], downloadView({ course: 'paused' })).orders).toEqual([{ type: 'resume' }]);
  });

  test('digits kill and revive where there is a farm', () => {
    expect(pressed(['2'], downloadView(), true).orders).toEqual([{ type: 'farm', index: 2 }]);
  });

  test('Ctrl+C quits, also while something is typed', () => {
    const typing = pressed(['a', 'x']).state;
    expect(getKey(typing, { name: 'text', text: 'c', isCtrl: true }, { view: downloadView(), segmentCount: 0, scrollMax: 0, hasFarm: false }).order).toEqual({ type: 'quit' });
  });

  test('pages open, close and give way to one another', () => {
    expect(pressed(['?']).state.panel).toBe('help');
    expect(pressed(['?', '?']).state.panel).toBe('overview');
    expect(pressed(['m', 's']).state.panel).toBe('segments');
    expect(pressed(['enter', 'escape']).state.panel).toBe('overview');
    expect(pressed(['s', 'down', 'end']).state.segmentAt).toBe(4);
  });

  test('the page of keys is scrolled by the keys that choose elsewhere, no further than to its end, and begins at its top again', () => {
    const { state } = pressed(['?', 'j', 'down']);
    expect(state).toMatchObject({ panel: 'help', scrolledBy: 2, serverId: null });
    expect(pressed(['?', 'page-down']).state.scrolledBy).toBe(7);
    expect(pressed(['?', 'end', 'up']).state.scrolledBy).toBe(6);
    expect(pressed(['?', 'end', 'home', 'k']).state.scrolledBy).toBe(0);
    expect(pressed(['?', 'end', '?', '?']).state.scrolledBy).toBe(0);
  });

  test('a pasted URL opens the prompt for mirrors; other text does nothing; line ends and codes fall away', () => {
    expect(getPaste(GET_SCREEN_AT_START, 'https://mirror.example/a.iso\r\n').prompt).toEqual({ ask: 'mirror', text: 'https://mirror.example/a.iso' });
    expect(getPaste(GET_SCREEN_AT_START, 'rm -rf').prompt).toBeNull();
    expect(getPaste({ ...GET_SCREEN_AT_START, prompt: { ask: 'limit', text: '' } }, '\u001B[31m5M\n').prompt?.text).toBe('[31m5M');
  });

  test('a rate that cannot be read is told, and orders nothing', () => {
    const { state, orders } = pressed(['l', ...'fast', 'enter']);
    expect(orders).toEqual([]);
    expect(state.notice).toContain('"fast" is no rate');
    expect(pressed(['l', ...'fast', 'enter', 'j']).state.notice).toBeNull();
  });

  test('nothing breaks where there is no server', () => {
    expect(pressed(['d', 'b', '+', 'down', 'enter'], downloadView({ servers: [] })).orders).toEqual([]);
  });
});

describe('in the view of a farm', () => {
  const press = (keys: readonly string[]): { state: ServeScreenState; orders: readonly ServeOrder[] } => {
    let state = SERVE_SCREEN_AT_START;
    const orders: ServeOrder[] = [];
    for (const key of keys) {
      const step = serveKey(state, keyOf(key), farmView(), 7);
      state = step.state;
      if (step.order !== null) orders.push(step.order);
    }
    return { state, orders };
  };

  test.each([
    ['a digit kills or revives that server', ['2'], [{ type: 'toggle', index: 2 }]],
    ['and chooses it', ['2', 's'], [{ type: 'toggle', index: 2 }, { type: 'fault', index: 2, fault: 'stall' }]],
    ['a digit beyond the farm does nothing', ['9'], []],
    ['x is the chosen one', ['down', 'x'], [{ type: 'toggle', index: 2 }]],
    ['s stalls, c corrupts, h heals', ['s', 'c', 'h'], ['stall', 'corrupt', 'heal'].map((fault) => ({ type: 'fault', index: 1, fault }))],
    ['t throttles', ['t', ...'200K', 'enter'], [{ type: 'fault', index: 1, fault: 'slow=200K' }]],
    ['f takes any fault', ['f', ...'503=2', 'enter'], [{ type: 'fault', index: 1, fault: '503=2' }]],
    ['q ends it', ['q'], [{ type: 'quit' }]],
  ] as const)('%s', (_, keys, orders) => {
    expect(press(keys).orders).toEqual(orders);
  });

  test('its page of keys is scrolled, too, and the chosen server stays', () => {
    expect(press(['?', 'down', 'down', 'k']).state).toMatchObject({ panel: 'help', scrolledBy: 1, index: 1 });
    expect(press(['?', 'end']).state.scrolledBy).toBe(7);
  });
});

test('every key of the foot has its words and its sentence, and none stands there twice', () => {
  for (const keys of [[...GET_KEYS, FARM_DIGITS], SERVE_KEYS]) {
    expect(new Set(keys.map((help) => help.keys)).size).toBe(keys.length);
    for (const { words, says } of keys) {
      expect(words).not.toBe('');
      expect(says).toMatch(/\.$/u);
    }
  }
});
