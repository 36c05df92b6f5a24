/** The terminal view of a farm. Loaded only when it is shown: it brings React and Ink with it. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Text, useWindowSize } from 'ink';
import { interval } from 'rxjs';
import { PlaitError } from '../base/errors.ts';
import { STORY_LINES_MAX } from '../base/bounds.ts';
import { formatBytes } from '../base/units.ts';
import type { Farm, FarmView } from '../farm/farm.ts';
import { SPARK_CELL_MS } from '../metrics/history.ts';
import { farmModelOf, farmSampled } from './farm-model.ts';
import { notesBetween } from './farm-notes.ts';
import { mount, speaks, useFeed, useKeys, useLatest } from './mount.tsx';
import type { Feed, Mounted } from './mount.tsx';
import { useTerminal } from './parts/look.tsx';
import { SaidOnce } from './parts/said-once.tsx';
import type { ScreenIo } from './screen-io.ts';
import { helpScrollMax, ServeScreen } from './serve-screen.tsx';
import type { ServeModel } from './serve-screen.tsx';
import { SERVE_SCREEN_AT_START, serveKey, servePaste } from './serve-steering.ts';
import type { ServeOrder } from './serve-steering.ts';

export interface ServeTuiOptions {
  readonly farm: Farm;
  readonly io: ScreenIo & { nowMs(): number };
  readonly commands: readonly string[];
  /** Sentences that the view begins with. */
  readonly notes: readonly string[];
  /** `quit` and `interrupt` end the farm; they differ in the exit status. */
  readonly stop: (order: 'quit' | 'interrupt') => void;
}

class ServeFeed implements Feed<ServeModel> {
  #model: ServeModel;
  readonly #listeners = new Set<() => void>();
  readonly #subscriptions: { unsubscribe(): void }[];

  constructor({ farm, io, commands, notes }: ServeTuiOptions) {
    const startedAtMs = io.nowMs();
    this.#model = { farm: farmModelOf(farm.view()), notes: notes.map((text) => ({ atMs: 0, text })), notesTold: notes.length, commands };
    this.#subscriptions = [
      farm.views.subscribe((view) => this.#changed(view, io.nowMs() - startedAtMs)),
      interval(SPARK_CELL_MS).subscribe(() => this.#show({ ...this.#model, farm: farmSampled(this.#model.farm, farm.view(), io.nowMs() - startedAtMs) })),
    ];
  }

  readonly current = (): ServeModel => this.#model;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #changed(view: FarmView, atMs: number): void {
    const { farm, notes, notesTold } = this.#model;
    const told = notesBetween(farm.view, view).map((text) => ({ atMs, text }));
    const heard = told.length === 0 ? {} : { notes: [...notes, ...told].slice(-STORY_LINES_MAX), notesTold: notesTold + told.length };
    this.#show({ ...this.#model, farm: { ...farm, view }, ...heard });
  }

  #show(model: ServeModel): void {
    this.#model = model;
    for (const listener of this.#listeners) listener();
  }
}

/** Kills a server that lives, revives one that does not. */
export const toggle = (farm: Farm, index: number): Promise<void> => (farm.view().servers[index - 1]?.state === 'dead' ? farm.revive(index) : farm.kill(index));

async function obey(order: ServeOrder, { farm, stop }: ServeTuiOptions): Promise<void> {
  switch (order.type) {
    case 'quit':
    case 'interrupt':
      return stop(order.type);
    case 'toggle':
      return toggle(farm, order.index);
    case 'fault':
      return farm.fault(order.index, order.fault);
  }
}

/** For a screen reader: what happens is said once and stays; below it, how things stand. */
function SpokenFarm({ model }: { readonly model: ServeModel }): ReactElement {
  const { servers, fileName } = model.farm.view;
  const dead = servers.filter(({ state }) => state === 'dead').map(({ index }) => index);
  return (
    <>
      <SaidOnce last={model.notes.map(({ text }) => text)} told={model.notesTold} />
      <Text>{`${fileName} is served on ports ${servers.map(({ port }) => port).join(', ')}. ${dead.length === 0 ? 'All servers are alive' : `Dead: ${dead.join(', ')}`}. A digit kills or revives that server, q ends the farm.`}</Text>
    </>
  );
}

function ServeApp({ feed, options }: { readonly feed: Feed<ServeModel>; readonly options: ServeTuiOptions }): ReactElement {
  const model = useFeed(feed);
  const size = useWindowSize();
  const terminal = useTerminal();
  const [state, latest, setState] = useLatest(SERVE_SCREEN_AT_START);
  const [bug, setBug] = useState<Error | null>(null);
  // An error that is none of ours is a bug: thrown here, it ends the view as any other does.
  if (bug !== null) throw bug;
  const tell = (error: unknown): void => {
    if (error instanceof PlaitError) setState({ ...latest.current, notice: error.message });
    else setBug(error instanceof Error ? error : new Error(String(error)));
  };
  useKeys({
    io: options.io,
    onPaste: (text) => setState(servePaste(latest.current, text)),
    onKey: (key) => {
      const { state: next, order } = serveKey(latest.current, key, feed.current().farm.view, helpScrollMax(feed.current(), size, terminal));
      setState(next);
      if (order !== null) obey(order, options).catch(tell);
    },
  });
  return speaks(options.io) ? <SpokenFarm model={model} /> : <ServeScreen model={model} state={state} size={size} />;
}

/** Shows a farm on the whole terminal until it is unmounted. */
export function showFarm(options: ServeTuiOptions): Mounted {
  const feed = new ServeFeed(options);
  const mounted = mount(<ServeApp feed={feed} options={options} />, options.io);
  return {
    onBroken: (listener) => mounted.onBroken(listener),
    unmount() {
      feed.close();
      return mounted.unmount();
    },
  };
}

/** What goes into the scroll-back after the view: what each server gave. */
export const farmSummary = ({ fileName, servers }: FarmView): readonly string[] => [
  `Served ${fileName} from ${servers.length} ${servers.length === 1 ? 'server' : 'servers'}.`,
  ...servers.map(({ index, port, sentBytes, requests }) => `Server ${index} (${port}): ${formatBytes(sentBytes)} in ${requests} ${requests === 1 ? 'answer' : 'answers'}`),
];
