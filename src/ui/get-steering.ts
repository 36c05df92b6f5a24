/** What a key does in the view of a download: the screen's own state after it, and the order it gives. Pure. */
import { parseBytes } from '../base/units.ts';
import type { DownloadView } from '../metrics/view.ts';
import type { KeyPress } from './keys.ts';
import { promptKey, typed } from './prompt.ts';
import type { Prompt } from './prompt.ts';

export type Panel = 'overview' | 'server' | 'segments' | 'machines' | 'help';
export type GetAsk = 'mirror' | 'limit';

export interface GetScreenState {
  readonly panel: Panel;
  readonly serverId: number | null;
  /** Which of the listed segments is chosen, from 0. */
  readonly segmentAt: number;
  /** How many rows the page of keys is scrolled by. */
  readonly scrolledBy: number;
  readonly prompt: Prompt<GetAsk> | null;
  /** What the last key came to, until the next one. */
  readonly notice: string | null;
}

export const GET_SCREEN_AT_START: GetScreenState = { panel: 'overview', serverId: null, segmentAt: 0, scrolledBy: 0, prompt: null, notice: null };

export type GetOrder =
  | { readonly type: 'quit' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'drop'; readonly mirrorId: number }
  | { readonly type: 'restore'; readonly mirrorId: number }
  | { readonly type: 'lanes'; readonly mirrorId: number; readonly lanes: number }
  | { readonly type: 'add'; readonly url: string }
  | { readonly type: 'limit'; readonly rateBytesPerSec: number | null }
  | { readonly type: 'farm'; readonly index: number };

export interface GetStep {
  readonly state: GetScreenState;
  readonly order: GetOrder | null;
}

export interface Steered {
  readonly view: DownloadView;
  readonly segmentCount: number;
  /** How far the page of keys can be scrolled. */
  readonly scrollMax: number;
  readonly hasFarm: boolean;
}

const step = (state: GetScreenState, order: GetOrder | null = null): GetStep => ({ state, order });

/** The chosen server, or the first. */
export const chosenServerId = (state: GetScreenState, view: DownloadView): number | null =>
  view.servers.find(({ mirrorId }) => mirrorId === state.serverId)?.mirrorId ?? view.servers[0]?.mirrorId ?? null;

const clamped = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));

const STRIDES: Partial<Record<KeyPress['name'], number>> = { up: -1, down: 1, 'page-up': -10, 'page-down': 10, home: -Infinity, end: Infinity };

function strideOf(key: KeyPress): number | null {
  if (key.name === 'text' && !key.isCtrl) return key.text === 'j' ? 1 : key.text === 'k' ? -1 : null;
  return STRIDES[key.name] ?? null;
}

function moved(state: GetScreenState, stride: number, { view, segmentCount, scrollMax }: Steered): GetStep {
  if (state.panel === 'help') return step({ ...state, scrolledBy: clamped(state.scrolledBy + stride, scrollMax + 1) });
  if (state.panel === 'segments') return step({ ...state, segmentAt: clamped(state.segmentAt + stride, segmentCount) });
  const at = view.servers.findIndex(({ mirrorId }) => mirrorId === chosenServerId(state, view));
  return step({ ...state, serverId: view.servers[clamped(at + stride, view.servers.length)]?.mirrorId ?? null });
}

function answered(state: GetScreenState, ask: GetAsk, text: string): GetStep {
  if (text === '') return step(state);
  if (ask === 'mirror') return step(state, { type: 'add', url: text });
  const bytesPerSec = text === '0' || text === 'none' ? 0 : parseBytes(text);
  if (bytesPerSec === null) return step({ ...state, notice: `"${text}" is no rate: write 8M or 500K, or 0 for none.` });
  return step(state, { type: 'limit', rateBytesPerSec: bytesPerSec === 0 ? null : bytesPerSec });
}

/** Text that was pasted; without a prompt, a URL opens the one for mirrors. */
export function getPaste(state: GetScreenState, text: string): GetScreenState {
  if (state.prompt !== null) return { ...state, prompt: typed(state.prompt, text) };
  return /^\s*https?:\/\//iu.test(text) ? { ...state, notice: null, prompt: typed({ ask: 'mirror', text: '' }, text) } : state;
}

export function getKey(before: GetScreenState, key: KeyPress, steered: Steered): GetStep {
  // Ctrl+C reaches a program in raw mode as a key; it means the same as q, also while something is being typed.
  if (key.isCtrl && key.text === 'c') return step(before, { type: 'quit' });
  if (before.prompt !== null) {
    const next = promptKey(before.prompt, key);
    if (next.kind === 'open') return step({ ...before, prompt: next.prompt });
    const left = { ...before, prompt: null };
    return next.kind === 'left' ? step(left) : answered(left, next.ask, next.text);
  }
  const state = { ...before, notice: null };
  const stride = strideOf(key);
  if (stride !== null) return moved(state, stride, steered);
  if (key.name === 'escape') return step({ ...state, panel: 'overview' });
  if (key.name === 'enter') return step({ ...state, panel: state.panel === 'server' ? 'overview' : 'server' });
  return key.name === 'text' && !key.isCtrl ? letter(state, key.text, steered) : step(state);
}

function letter(state: GetScreenState, text: string, { view, hasFarm }: Steered): GetStep {
  const toggled = (panel: Panel): GetStep => step({ ...state, panel: state.panel === panel ? 'overview' : panel, scrolledBy: 0 });
  const server = view.servers.find(({ mirrorId }) => mirrorId === chosenServerId(state, view));
  if (hasFarm && /^[1-9]$/u.test(text)) return step(state, { type: 'farm', index: Number(text) });
  switch (text) {
    case 'q':
      return step(state, { type: 'quit' });
    case ' ':
    case 'p':
      return step(state, { type: view.course === 'paused' ? 'resume' : 'pause' });
    case '?':
      return toggled('help');
    case 's':
      return toggled('segments');
    case 'm':
      return toggled('machines');
    case 'a':
      return step({ ...state, prompt: { ask: 'mirror', text: '' } });
    case 'l':
      return step({ ...state, prompt: { ask: 'limit', text: '' } });
    case 'd':
      return step(state, server === undefined ? null : { type: 'drop', mirrorId: server.mirrorId });
    case 'b':
      return step(state, server === undefined ? null : { type: 'restore', mirrorId: server.mirrorId });
    case '+':
    case '=':
      return step(state, server === undefined ? null : { type: 'lanes', mirrorId: server.mirrorId, lanes: server.laneCap + 1 });
    case '-':
    case '_':
      return step(state, server === undefined ? null : { type: 'lanes', mirrorId: server.mirrorId, lanes: Math.max(1, server.laneCap - 1) });
    default:
      return step(state);
  }
}
