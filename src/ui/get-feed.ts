/** The one model that the view of a download draws, made anew ten times a second from its views, events and farm. */
import { Subject } from 'rxjs';
import type { Download } from '../download.ts';
import type { FarmView } from '../farm/farm.ts';
import { NO_STORIES, told } from '../metrics/stories.ts';
import type { Stories } from '../metrics/stories.ts';
import { farmModelOf, farmSampled } from './farm-model.ts';
import type { FarmModel } from './farm-model.ts';
import type { GetModel } from './get-screen.tsx';
import type { Feed } from './mount.tsx';

/** A farm that is shown beside a download. */
export interface FarmHandle {
  view(): FarmView;
  /** Kills a server that lives and revives one that does not. */
  toggle(index: number): void;
}

/** What a view sees of a download: of the download itself, or from the thread that it works in. */
export type SeenDownload = Pick<Download, 'events' | 'views' | 'view'>;

export class GetFeed implements Feed<GetModel> {
  #model: GetModel;
  #stories: Stories = NO_STORIES;
  #farm: FarmModel | null;
  readonly #changes = new Subject<void>();

  constructor(download: SeenDownload, checksum: string | null, farm: Pick<FarmHandle, 'view'> | null) {
    this.#farm = farm === null ? null : farmModelOf(farm.view());
    this.#model = { view: download.view(), stories: this.#stories, farm: this.#farm, checksum };
    // Events come singly and in bursts; they are shown with the next view.
    download.events.subscribe((event) => {
      this.#stories = told(this.#stories, event);
    });
    download.views.subscribe((view) => {
      if (this.#farm !== null && farm !== null) this.#farm = farmSampled(this.#farm, farm.view(), view.elapsedMs);
      this.#model = { view, stories: this.#stories, farm: this.#farm, checksum };
      this.#changes.next();
    });
  }

  readonly current = (): GetModel => this.#model;

  readonly subscribe = (listener: () => void): (() => void) => {
    const subscription = this.#changes.subscribe(() => listener());
    return () => subscription.unsubscribe();
  };
}
