/** What the thread of the download and the thread of its view say to one another. */
import type { FarmView } from '../farm/farm.ts';
import type { DownloadEvent } from '../metrics/events.ts';
import type { DownloadView } from '../metrics/view.ts';
import type { GetOrder } from './get-steering.ts';

export interface Seen {
  readonly view: DownloadView;
  /** Since what was seen before; at first, those so far. */
  readonly events: readonly DownloadEvent[];
  readonly farm: FarmView | null;
}

/** What the view begins with. */
export interface ViewTask {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns: number;
  readonly rows: number;
  readonly depthBits: number;
  readonly stdinIsTerminal: boolean;
  readonly checksum: string | null;
  readonly notice: string | null;
  readonly seen: Seen;
}

export type ToView =
  | { readonly type: 'seen'; readonly seen: Seen }
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly type: 'obeyed'; readonly orderId: number; readonly notice: string | null }
  /** The process was stopped, and goes on. */
  | { readonly type: 'continued' }
  /** Nobody looks any more. */
  | { readonly type: 'end' };

export type FromView =
  /** For the terminal. */
  | { readonly type: 'written'; readonly text: string }
  | { readonly type: 'raw'; readonly isRaw: boolean }
  /** It has taken in what it was shown; more may come. */
  | { readonly type: 'ready' }
  | { readonly type: 'ordered'; readonly orderId: number; readonly order: GetOrder }
  /** Ctrl+Z: the terminal has been given back. */
  | { readonly type: 'stop' }
  | { readonly type: 'broken'; readonly why: string };
