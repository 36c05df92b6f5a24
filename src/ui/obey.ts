/** Carries out what a key of the view orders. */
import { PlaitError } from '../base/errors.ts';
import type { Download } from '../download.ts';
import { formatRate } from '../base/units.ts';
import type { FarmHandle } from './get-feed.ts';
import type { GetOrder } from './get-steering.ts';

export interface Steered {
  readonly download: Download;
  /** The farm that this very process downloads from. */
  readonly farm: FarmHandle | null;
  /** What the quit key does: the first time it saves and goes, the second time it goes. */
  readonly stop: () => void;
}

function carryOut(order: GetOrder, { download, farm, stop }: Steered): string | null {
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

/** Gives what is to be told of it; what cannot be done is told in a sentence, too. */
export async function obey(order: GetOrder, steered: Steered): Promise<string | null> {
  try {
    return carryOut(order, steered);
  } catch (error) {
    if (error instanceof PlaitError) return error.message;
    throw error;
  }
}
