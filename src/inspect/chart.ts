/**
 * A machine's definition, as the inspection messages carry it (the config given to `createMachine`, as JSON), read as
 * a drawing needs it: the tree of its states and the arrows between them. Whatever is no part of a drawing is passed
 * over, and a definition that makes no sense gives no chart: definitions come from recordings, which anybody can write.
 */
import { CHART_DEPTH_MAX, CHART_STATES_MAX } from '../base/bounds.ts';

export type ChartStateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

export interface ChartState {
  /** Its keys from the machine down, joined by dots: `leased.connecting`. The machine itself is ''. */
  readonly path: string;
  /** Its own key; of the machine, the machine's id. */
  readonly key: string;
  readonly kind: ChartStateKind;
  readonly description: string;
  /** Path of the state it begins in; null where it has none. */
  readonly initial: string | null;
  /** Names of the actors that live as long as the state does. */
  readonly invokes: readonly string[];
  /** Events that it answers without leaving its states, each once. */
  readonly handles: readonly string[];
  readonly children: readonly ChartState[];
}

/** One transition that leads to a state. */
export interface ChartArrow {
  readonly from: string;
  readonly to: string;
  /** What is written at it: `server.settled`, `after backoff`, `always`, `verify done`. */
  readonly event: string;
  /** The type of the event that takes it, as xstate names it; a `*` stands for any ending. */
  readonly eventType: string;
  readonly guard: string | null;
}

export interface Chart {
  readonly root: ChartState;
  readonly arrows: readonly ChartArrow[];
}

type Config = Readonly<Record<string, unknown>>;

const isConfig = (value: unknown): value is Config => typeof value === 'object' && value !== null && !Array.isArray(value);
const configOf = (value: unknown): Config => (isConfig(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const nameOf = (value: unknown): string => (typeof value === 'string' ? value : textOf(configOf(value)['type']));
const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

/** A transition as it stands in a config, with what leads to it. */
interface Exit {
  readonly event: string;
  readonly eventType: string;
  readonly target: string | null;
  readonly guard: string | null;
}

function exitsFor(event: string, eventType: string, written: unknown): Exit[] {
  return listOf(written).map((one) => {
    const transition = configOf(one);
    const target = typeof one === 'string' ? one : (listOf(transition['target'])[0] ?? null);
    const guard = nameOf(transition['guard']);
    return { event, eventType, target: typeof target === 'string' ? target : null, guard: guard === '' ? null : guard };
  });
}

/** The name by which people know an invoked actor. */
const invokeName = (invoke: Config): string => textOf(invoke['id']) || nameOf(invoke['src']) || 'actor';

function exitsOf(state: Config): Exit[] {
  const exits: Exit[] = [];
  for (const [type, written] of Object.entries(configOf(state['on']))) exits.push(...exitsFor(type, type, written));
  for (const [delay, written] of Object.entries(configOf(state['after']))) exits.push(...exitsFor(`after ${delay}`, `xstate.after.${delay}.*`, written));
  exits.push(...exitsFor('always', '', state['always']), ...exitsFor('done', 'xstate.done.state.*', state['onDone']));
  for (const invoke of listOf(state['invoke']).map(configOf)) {
    const name = invokeName(invoke);
    exits.push(...exitsFor(`${name} done`, 'xstate.done.actor.*', invoke['onDone']));
    exits.push(...exitsFor(`${name} error`, 'xstate.error.actor.*', invoke['onError']));
    exits.push(...exitsFor(`${name} snapshot`, 'xstate.snapshot.*', invoke['onSnapshot']));
  }
  return exits;
}

function kindOf(state: Config, children: readonly ChartState[]): ChartStateKind {
  const type = textOf(state['type']);
  if (type === 'final' || type === 'parallel' || type === 'history') return type;
  return children.length > 0 ? 'compound' : 'atomic';
}

/** What an unfinished reading has met: its states and exits by path, and the ids that targets may name. */
interface Reading {
  readonly exits: Map<string, readonly Exit[]>;
  readonly paths: Set<string>;
  readonly ids: Map<string, string>;
}

function readState(reading: Reading, written: unknown, path: string, key: string, depth: number): ChartState {
  const state = configOf(written);
  const exits = exitsOf(state);
  reading.paths.add(path);
  reading.exits.set(path, exits);
  const id = textOf(state['id']);
  if (id !== '') reading.ids.set(id, path);
  const children: ChartState[] = [];
  for (const [childKey, child] of depth >= CHART_DEPTH_MAX ? [] : Object.entries(configOf(state['states']))) {
    if (reading.paths.size >= CHART_STATES_MAX) break;
    children.push(readState(reading, child, below(path, childKey), childKey, depth + 1));
  }
  const kind = kindOf(state, children);
  const initial = textOf(configOf(state['initial'])['target']) || textOf(state['initial']);
  return {
    path,
    key,
    kind,
    description: textOf(state['description']),
    initial: kind === 'compound' && initial !== '' ? below(path, initial) : null,
    invokes: listOf(state['invoke']).map((invoke) => invokeName(configOf(invoke))),
    handles: [...new Set(exits.filter(({ target }) => target === null).map(({ event }) => event))],
    children,
  };
}

/**
 * Where a target leads, by xstate's rules: `.child` is below, `#id` is anywhere, anything else is beside.
 * https://stately.ai/docs/transitions#target
 */
function resolved({ ids, paths }: Reading, from: string, target: string): string | null {
  if (target.startsWith('.')) return existing(paths, below(from, target.slice(1)));
  if (!target.startsWith('#')) return existing(paths, below(parentOf(from), target));
  const [id = '', ...keys] = target.slice(1).split('.');
  const base = ids.get(id);
  return base === undefined ? null : existing(paths, keys.reduce(below, base));
}

const existing = (paths: ReadonlySet<string>, path: string): string | null => (paths.has(path) ? path : null);

/** The chart of a definition (JSON text); null where there is none to draw. */
export function chartOf(definition: string): Chart | null {
  const config = parsed(definition);
  if (!isConfig(config) || !isConfig(config['states'])) return null;
  const reading: Reading = { exits: new Map(), paths: new Set(), ids: new Map() };
  const root = readState(reading, config, '', textOf(config['id']) || 'machine', 0);
  const arrows: ChartArrow[] = [];
  for (const [from, exits] of reading.exits) {
    for (const { event, eventType, target, guard } of exits) {
      const to = target === null ? null : resolved(reading, from, target);
      if (to !== null) arrows.push({ from, to, event, eventType, guard });
    }
  }
  return { root, arrows };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `server.settled [verdictIs]`: what stands at an arrow. */
export const arrowText = ({ event, guard }: ChartArrow): string => (guard === null ? event : `${event} [${guard}]`);

/** Every state of a chart, outermost first. */
export const statesOf = (state: ChartState): readonly ChartState[] => [state, ...state.children.flatMap(statesOf)];
