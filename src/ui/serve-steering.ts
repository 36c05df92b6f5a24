/** What a key does in the view of a farm: the screen's own state after it, and the order it gives. Pure. */
import { parseBytes } from '../base/units.ts';
import type { FarmView } from '../farm/farm.ts';
import type { KeyPress } from './keys.ts';
import { promptKey, typed } from './prompt.ts';
import type { Prompt } from './prompt.ts';

export type ServeAsk = 'rate' | 'fault';

export interface ServeScreenState {
  readonly panel: 'overview' | 'help';
  /** The chosen server, from 1. */
  readonly index: number;
  /** How many rows the page of keys is scrolled by. */
  readonly scrolledBy: number;
  readonly prompt: Prompt<ServeAsk> | null;
  readonly notice: string | null;
}

export const SERVE_SCREEN_AT_START: ServeScreenState = { panel: 'overview', index: 1, scrolledBy: 0, prompt: null, notice: null };

export type ServeOrder =
  | { readonly type: 'quit' }
  /** Ctrl+C: to a program in raw mode it comes as a key, and means what the signal means. */
  | { readonly type: 'interrupt' }
  | { readonly type: 'toggle'; readonly index: number }
  /** A fault in the grammar of `--fault`, without the server. */
  | { readonly type: 'fault'; readonly index: number; readonly fault: string };

export interface ServeStep {
  readonly state: ServeScreenState;
  readonly order: ServeOrder | null;
}

const step = (state: ServeScreenState, order: ServeOrder | null = null): ServeStep => ({ state, order });

const STRIDES: Partial<Record<KeyPress['name'], number>> = { up: -1, down: 1, 'page-up': -10, 'page-down': 10, home: -Infinity, end: Infinity };

function answered(state: ServeScreenState, ask: ServeAsk, text: string): ServeStep {
  if (text === '') return step(state);
  if (ask === 'fault') return step(state, { type: 'fault', index: state.index, fault: text });
  const bytesPerSec = parseBytes(text);
  if (bytesPerSec === null || bytesPerSec === 0) return step({ ...state, notice: `"${text}" is no rate: write 200K or 2M.` });
  return step(state, { type: 'fault', index: state.index, fault: `slow=${text}` });
}

export const servePaste = (state: ServeScreenState, text: string): ServeScreenState => (state.prompt === null ? state : { ...state, prompt: typed(state.prompt, text) });

/** @param scrollMax how far the page of keys can be scrolled */
export function serveKey(before: ServeScreenState, key: KeyPress, { servers }: FarmView, scrollMax: number): ServeStep {
  if (key.isCtrl && key.text === 'c') return step(before, { type: 'interrupt' });
  if (before.prompt !== null) {
    const next = promptKey(before.prompt, key);
    if (next.kind === 'open') return step({ ...before, prompt: next.prompt });
    const left = { ...before, prompt: null };
    return next.kind === 'left' ? step(left) : answered(left, next.ask, next.text);
  }
  const state = { ...before, notice: null };
  const letter = key.name === 'text' && !key.isCtrl ? key.text : '';
  const stride = STRIDES[key.name] ?? (letter === 'j' ? 1 : letter === 'k' ? -1 : null);
  if (stride !== null && state.panel === 'help') return step({ ...state, scrolledBy: Math.max(0, Math.min(scrollMax, state.scrolledBy + stride)) });
  if (stride !== null) return step({ ...state, index: Math.max(1, Math.min(servers.length, state.index + stride)) });
  if (key.name === 'escape') return step({ ...state, panel: 'overview' });
  if (key.name === 'enter') return step(state, { type: 'toggle', index: state.index });
  return pressed(state, letter, servers.length);
}

function pressed(state: ServeScreenState, letter: string, servers: number): ServeStep {
  const { index } = state;
  if (/^\d$/u.test(letter)) {
    const meant = letter === '0' ? 10 : Number(letter);
    return meant <= servers ? step({ ...state, index: meant }, { type: 'toggle', index: meant }) : step({ ...state, notice: `There is no server ${meant}.` });
  }
  switch (letter) {
    case 'q':
      return step(state, { type: 'quit' });
    case '?':
      return step({ ...state, panel: state.panel === 'help' ? 'overview' : 'help', scrolledBy: 0 });
    case 'x':
      return step(state, { type: 'toggle', index });
    case 's':
      return step(state, { type: 'fault', index, fault: 'stall' });
    case 'c':
      return step(state, { type: 'fault', index, fault: 'corrupt' });
    case 'h':
      return step(state, { type: 'fault', index, fault: 'heal' });
    case 't':
      return step({ ...state, prompt: { ask: 'rate', text: '' } });
    case 'f':
      return step({ ...state, prompt: { ask: 'fault', text: '' } });
    default:
      return step(state);
  }
}
