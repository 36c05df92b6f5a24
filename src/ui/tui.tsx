/** The terminal view of a download. Loaded only when it is shown: it brings React and Ink with it. */
import type { ReactElement } from 'react';
import { useWindowSize } from 'ink';
import { PlaitError } from '../base/errors.ts';
import type { Download } from '../download.ts';
import { formatRate } from '../base/units.ts';
import { GetFeed } from './get-feed.ts';
import type { FarmHandle } from './get-feed.ts';
import { GetScreen } from './get-screen.tsx';
import type { GetModel } from './get-screen.tsx';
import { GET_SCREEN_AT_START, getKey, getPaste } from './get-steering.ts';
import type { GetOrder } from './get-steering.ts';
import { listedSegments } from './draw/story-rows.ts';
import { mount, speaks, useFeed, useKeys, useLatest } from './mount.tsx';
import type { Feed, Mounted } from './mount.tsx';
import type { ReportSink } from './reporter.ts';
import type { ScreenIo } from './screen-io.ts';
import { SpokenGet } from './spoken-get.tsx';

export interface TuiOptions {
  readonly io: ScreenIo;
  readonly sink: ReportSink;
  /** What the quit key does: the first time it saves and goes, the second time it goes. */
  readonly stop: () => void;
  /** The algorithm of the digest that the user gave. */
  readonly checksum: string | null;
  /** The farm that this very process downloads from, to be shown and steered beside the download. */
  readonly farm: FarmHandle | null;
}

/** Carries out what a key orders; gives what is to be told of it. */
function obey(order: GetOrder, download: Download, { stop, farm }: TuiOptions): string | null {
  switch (order.type) {
    case 'quit':
      stop();
      return 'Stopping: everything received is kept for a resume. Press q again to leave at once.';
    case 'pause':
      download.pause();
      return null;
    case 'resume':
      download.resume();
      return null;
    case 'drop':
      download.dropMirror(order.mirrorId);
      return `Server ${order.mirrorId} is dropped: what it gave stays. Press b to bring it back.`;
    case 'restore':
      download.restoreMirror(order.mirrorId);
      return null;
    case 'lanes':
      download.setLanes(order.mirrorId, order.lanes);
      return `Server ${order.mirrorId} may have ${order.lanes} ${order.lanes === 1 ? 'lane' : 'lanes'}.`;
    case 'add':
      return `Server ${download.addMirror(order.url)} is on the list.`;
    case 'limit':
      download.setLimit(order.rateBytesPerSec);
      return order.rateBytesPerSec === null ? 'No limit any more.' : `Limited to ${formatRate(order.rateBytesPerSec)}.`;
    case 'farm':
      farm?.toggle(order.index);
      return null;
  }
}

function obeyed(order: GetOrder, download: Download, options: TuiOptions): string | null {
  try {
    return obey(order, download, options);
  } catch (error) {
    if (error instanceof PlaitError) return error.message;
    throw error;
  }
}

interface GetAppProps {
  readonly notice: string | null;
  readonly feed: Feed<GetModel>;
  readonly download: Download;
  readonly options: TuiOptions;
}

function GetApp({ notice, feed, download, options }: GetAppProps): ReactElement {
  const model = useFeed(feed);
  const size = useWindowSize();
  const [state, latest, setState] = useLatest({ ...GET_SCREEN_AT_START, notice });
  useKeys({
    io: options.io,
    onPaste: (text) => setState(getPaste(latest.current, text)),
    onKey: (key) => {
      const { view, stories, farm } = feed.current();
      const { state: next, order } = getKey(latest.current, key, { view, segmentCount: listedSegments(stories).length, hasFarm: farm !== null });
      setState(order === null ? next : { ...next, notice: obeyed(order, download, options) });
    },
  });
  return speaks(options.io) ? <SpokenGet model={model} state={state} /> : <GetScreen model={model} state={state} size={size} />;
}

/** Shows a download on the whole terminal until it is unmounted; `notice` stands at its foot until a key is pressed. */
export function showDownload(options: TuiOptions, download: Download, notice: string | null): Mounted {
  const feed = new GetFeed(download, options.checksum, options.farm);
  return mount(<GetApp notice={notice} feed={feed} download={download} options={options} />, options.io);
}
