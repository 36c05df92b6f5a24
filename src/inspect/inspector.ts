/**
 * Shows the machines of a download or a farm while they run: on the inspector's own page, to the Stately inspector, in a
 * recording, or in all three. Who does not open one pays nothing for it.
 */
import { resolve } from 'node:path';
import { INSPECT_PORT, STATELY_PORT } from '../base/bounds.ts';
import type { Inspect, Inspected } from '../metrics/event-tap.ts';
import { Chronicle } from './chronicle.ts';
import type { Door } from './door.ts';
import type { Recorder } from './recorder.ts';
import type { Dialect } from './viewer.ts';

/** Options of `openInspector`. */
export interface InspectorOptions {
  /** The inspector's page: on this port of 127.0.0.1; `true` for any. */
  readonly page?: number | true;
  /** The same for Stately's inspector and every receiver of @statelyai/inspect. */
  readonly stately?: number | true;
  /** A file to write everything to, for `plait inspect`. It must not be there yet. */
  readonly record?: string;
  /** What relative paths count from. Default: the process's working folder. */
  readonly cwd?: string;
}

/** An inspector at work. */
export interface Inspector {
  /** To be given to `download` and `startFarm` as `inspect`. */
  readonly inspect: Inspect;
  /** Where the page is; null where none was asked for. Who has this address can look in. */
  readonly pageUrl: string | null;
  /** Where Stately's inspector is, framed by a page of ours; null where none was asked for. */
  readonly statelyUrl: string | null;
  /** The web socket for `createWebSocketReceiver`; null where none was asked for. */
  readonly statelySocketUrl: string | null;
  /** Settles when somebody looks at the page; never where there is none. */
  readonly visited: Promise<void>;
  /**
   * The end: viewers are told, the recording is completed, the ports are given back.
   * @param exitStatus what the viewers and the recording are told of it; 0 by default
   * @returns a sentence about what went wrong with the recording, or null
   */
  close(exitStatus?: number): Promise<string | null>;
}

async function openShow(chronicle: Chronicle, dialect: Dialect, port: number | true): Promise<Door> {
  const [{ openDoor }, { Viewer }] = await Promise.all([import('./door.ts'), import('./viewer.ts')]);
  const isOwn = dialect === 'plait';
  return openDoor({
    port: port === true ? null : port,
    defaultPort: isOwn ? INSPECT_PORT : STATELY_PORT,
    flag: isOwn ? '--inspect' : '--stately',
    givePage: isOwn ? await (await import('./page-files.ts')).pageFiles() : (await import('./stately-page.ts')).statelyPage,
    welcome: (socket) => new Viewer(socket, chronicle, dialect).leave,
  });
}

/**
 * Opens an inspector.
 * @throws PlaitError `usage` where a port cannot be had, `target-exists`, `folder-missing` or `disk-failed` where the
 * recording cannot be made.
 */
export async function openInspector(options: InspectorOptions): Promise<Inspector> {
  return openInspectorOf('library', options);
}

/** The same for a command of the program, which the viewers are told. */
export async function openInspectorOf(command: string, { page, stately, record, cwd = process.cwd() }: InspectorOptions): Promise<Inspector> {
  const chronicle = new Chronicle({ command, nowMs: () => performance.now(), wallMs: () => Date.now() });
  const doors: Door[] = [];
  let recorder: Recorder | null = null;
  let broken: string | null = null;
  const close = async (exitStatus = 0): Promise<string | null> => {
    chronicle.end(exitStatus);
    const [trouble] = await Promise.all([recorder?.close() ?? null, ...doors.map((door) => door.close())]);
    return broken ?? trouble;
  };
  const open = async (dialect: Dialect, port: number | true | undefined): Promise<Door | null> => {
    if (port === undefined) return null;
    const door = await openShow(chronicle, dialect, port);
    doors.push(door);
    return door;
  };
  try {
    const own = await open('plait', page);
    const other = await open('stately', stately);
    if (record !== undefined) recorder = await (await import('./recorder.ts')).record(chronicle, resolve(cwd, record));
    return {
      inspect: (heard: Inspected) => {
        if (broken !== null) return;
        try {
          chronicle.hear(heard);
        } catch (error) {
          // What only shows must not end what it shows.
          broken = `The inspector has failed: ${String(error)}.`;
        }
      },
      pageUrl: own?.url ?? null,
      statelyUrl: other?.url ?? null,
      statelySocketUrl: other?.liveUrl ?? null,
      visited: own?.visited ?? new Promise(() => undefined),
      close,
    };
  } catch (error) {
    await close(1);
    throw error;
  }
}
