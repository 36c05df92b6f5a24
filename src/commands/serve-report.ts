/** What `plait serve` says of its farm, as plain lines or as NDJSON. */
import type { FarmServerView, FarmView } from '../farm/farm.ts';

/** Writes one line, without its end. */
export type SayLine = (line: string) => void;

/** Reads the farm's views one after the other. */
export interface ServeReport {
  /** The farm stands: every server listens, or is dead as its faults want it. */
  ready(view: FarmView): void;
  changed(view: FarmView): void;
  /** Called each second. */
  tick(view: FarmView): void;
}

export function plainReport(say: SayLine): ServeReport {
  let said: readonly (string | null)[] = [];
  const sayChanges = (view: FarmView): void => {
    const lines = view.servers.map(statusLine);
    for (const [position, line] of lines.entries()) if (line !== null && line !== said[position]) say(line);
    // A server on its way up has no line of its own: what it said before still stands.
    said = lines.map((line, position) => line ?? said[position] ?? null);
  };
  return {
    ready(view) {
      sayChanges(view);
      for (const line of howToFetch(view)) say(line);
    },
    changed: sayChanges,
    tick() {},
  };
}

function statusLine({ index, port, state, trouble }: FarmServerView): string | null {
  if (state === 'starting') return null;
  if (state === 'alive') return `Port: ${port}, Status: Alive, To shut down server ${index} enter E${index}`;
  const why = trouble === null ? '' : ` (${trouble})`;
  return `Port: ${port}, Status: Dead, To start server ${index} enter S${index}${why}`;
}

function howToFetch(view: FarmView): string[] {
  const [all, one] = fetchCommands(view);
  return all === undefined || one === undefined ? [] : [`To fetch it: ${all}`, `From one server: ${one}`, 'To end the farm enter q'];
}

/** The commands that fetch the file from all servers, and from one. */
export function fetchCommands(view: FarmView): readonly string[] {
  const first = view.servers[0];
  if (first === undefined) return [];
  const host = new URL(first.url).hostname;
  const address = host === '127.0.0.1' ? '' : ` -a ${host}`;
  return [
    `plait get${address} -p ${view.servers.map(({ port }) => port).join(',')} -o ${quoted(view.fileName)}`,
    `curl -o ${quoted(view.fileName)} ${first.url}`,
  ];
}

/** A file name as a POSIX shell takes it back. */
const quoted = (name: string): string => (/^[\w.,:+@%/-]+$/u.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`);

export function jsonReport(say: SayLine, elapsedMs: () => number): ServeReport {
  let said: readonly string[] = [];
  const write = (type: string, fields: object): void => say(JSON.stringify({ type, t: Math.round(elapsedMs()), ...fields }));
  const sayServers = (view: FarmView, isDue: (key: string, position: number) => boolean): void => {
    const keys = view.servers.map(({ state, faults }) => JSON.stringify([state, faults]));
    for (const [position, server] of view.servers.entries()) if (isDue(keys[position] ?? '', position)) write('server', serverFields(server));
    said = keys;
  };
  return {
    ready(view) {
      write('farm', { urls: view.servers.map(({ url }) => url), name: view.fileName, bytes: view.sizeBytes });
      sayServers(view, () => true);
    },
    changed: (view) => sayServers(view, (key, position) => key !== said[position]),
    tick: (view) => sayServers(view, () => true),
  };
}

function serverFields(server: FarmServerView): object {
  const { index, url, port, state, connections, requests, sentBytes, rateBytesPerSec, faults, trouble, filePath } = server;
  return { server: index, url, port, state, connections, requests, bytes: sentBytes, rate: rateBytesPerSec, faults, path: filePath, ...(trouble === null ? {} : { trouble }) };
}
