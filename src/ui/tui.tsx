/** The terminal view of a download. Loaded only when it is shown: it brings React and Ink with it. */
import type { ReactElement } from 'react';
import { useWindowSize } from 'ink';
import { GetFeed } from './get-feed.ts';
import type { FarmHandle, SeenDownload } from './get-feed.ts';
import { GetScreen, helpScrollMax } from './get-screen.tsx';
import type { GetModel } from './get-screen.tsx';
import { GET_SCREEN_AT_START, getKey, getPaste } from './get-steering.ts';
import type { GetOrder } from './get-steering.ts';
import { listedSegments } from './draw/story-rows.ts';
import { mount, speaks, useFeed, useKeys, useLatest } from './mount.tsx';
import type { Feed, Mounted } from './mount.tsx';
import { useTerminal } from './parts/look.tsx';
import type { ScreenIo } from './screen-io.ts';
import { SpokenGet } from './spoken-get.tsx';

export interface ViewOptions {
  readonly io: ScreenIo;
  /** The algorithm of the digest that the user gave. */
  readonly checksum: string | null;
  /** The farm that is downloaded from, to be shown and steered beside the download. */
  readonly farm: Pick<FarmHandle, 'view'> | null;
  /** Carries out what a key orders; gives what is to be told of it. */
  readonly obey: (order: GetOrder) => Promise<string | null>;
}

interface GetAppProps {
  readonly notice: string | null;
  readonly feed: Feed<GetModel>;
  readonly options: ViewOptions;
}

function GetApp({ notice, feed, options }: GetAppProps): ReactElement {
  const model = useFeed(feed);
  const size = useWindowSize();
  const terminal = useTerminal();
  const [state, latest, setState] = useLatest({ ...GET_SCREEN_AT_START, notice });
  const carryOut = async (order: GetOrder): Promise<void> => {
    const told = await options.obey(order);
    if (told !== null) setState({ ...latest.current, notice: told });
  };
  useKeys({
    io: options.io,
    onPaste: (text) => setState(getPaste(latest.current, text)),
    onKey: (key) => {
      const { view, stories, farm } = feed.current();
      const { state: next, order } = getKey(latest.current, key, { view, segmentCount: listedSegments(stories).length, scrollMax: helpScrollMax(feed.current(), size, terminal), hasFarm: farm !== null });
      setState(order === null ? next : { ...next, notice: null });
      if (order !== null) void carryOut(order);
    },
  });
  return speaks(options.io) ? <SpokenGet model={model} state={state} /> : <GetScreen model={model} state={state} size={size} />;
}

/** Shows a download on the whole terminal until it is unmounted; `notice` stands at its foot until a key is pressed. */
export function showDownload(options: ViewOptions, seen: SeenDownload, notice: string | null): Mounted {
  const feed = new GetFeed(seen, options.checksum, options.farm);
  return mount(<GetApp notice={notice} feed={feed} options={options} />, options.io);
}
