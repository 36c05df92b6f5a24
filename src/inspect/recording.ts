/**
 * A recording that is looked at again. It comes from anybody: it is read line by line, in bounded memory, and what makes
 * no sense in it is passed over and counted.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { WebSocket } from 'ws';
import { RECORDING_LINE_MAX } from '../base/bounds.ts';
import { PlaitError, systemCodeOf } from '../base/errors.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import { toldOf } from './chronicle.ts';
import { MESSAGES_VERSION } from './messages.ts';
import type { HelloMessage } from './messages.ts';

export interface Recording {
  readonly path: string;
  readonly hello: HelloMessage;
  /** It has no end: its plait was killed, the disk was full, or a part of the file is missing. */
  readonly isCut: boolean;
}

/** Enough for the first line and for the last one. */
const EDGE_BYTES = 4_096;
/** A frame to a viewer holds about so much; the next one waits until it has left. */
const FRAME_CHARS = 65_536;

type Fields = Readonly<Record<string, unknown>>;

/** A line as a message of whatever type; null for anything else. */
function messageOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    const fields = value as Fields;
    return typeof fields['type'] === 'string' && typeof fields['t'] === 'number' ? fields : null;
  } catch {
    return null;
  }
}

async function edgesOf(file: FileHandle): Promise<{ readonly first: string; readonly end: string }> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(EDGE_BYTES);
  const at = async (position: number): Promise<string> => buffer.toString('utf8', 0, (await file.read(buffer, 0, EDGE_BYTES, position)).bytesRead);
  return { first: (await at(0)).split('\n')[0] ?? '', end: await at(Math.max(0, size - EDGE_BYTES)) };
}

function helloOf(line: string, path: string): HelloMessage {
  const hello = messageOf(line);
  const version = hello?.['version'];
  if (hello?.['type'] !== 'plait.hello' || typeof version !== 'number') {
    throw new PlaitError('usage', `${path} is no recording of plait: make one with plait get … --record FILE.`);
  }
  if (version > MESSAGES_VERSION) {
    throw new PlaitError('usage', `${path} was recorded by a newer plait (${cleanForeignText(String(hello['plait']))}): look at it with that one.`);
  }
  const text = (name: string): string => cleanForeignText(String(hello[name]));
  return { type: 'plait.hello', t: 0, version, plait: text('plait'), command: text('command'), startedAt: text('startedAt'), recording: basename(path) };
}

/**
 * Looks at the beginning and at the end of a recording.
 * @throws PlaitError `usage`, with one sentence, for what cannot be read or is no recording.
 */
export async function openRecording(path: string): Promise<Recording> {
  try {
    // A pipe would be waited for without end.
    if (!(await stat(path)).isFile()) throw new PlaitError('usage', `${path} is no file: name one that --record has made.`);
    await using file = await open(path, 'r');
    const { first, end } = await edgesOf(file);
    const last = end.trimEnd().split('\n').at(-1) ?? '';
    return { path, hello: helloOf(first, path), isCut: !end.endsWith('\n') || messageOf(last)?.['type'] !== 'plait.end' };
  } catch (error) {
    if (error instanceof PlaitError) throw error;
    const code = systemCodeOf(error);
    throw new PlaitError('usage', code === 'ENOENT' ? `${path} is not there: name a file that --record has made.` : `${path} cannot be read (${code ?? String(error)}).`, { cause: error });
  }
}

/** The lines of a file; one that is too long comes as an empty one, and what follows the last line's end as another. */
async function* linesOf(path: string): AsyncIterable<string> {
  let rest = '';
  let isTooLong = false;
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      yield isTooLong ? '' : line;
      isTooLong = false;
    }
    if (rest.length <= RECORDING_LINE_MAX) continue;
    isTooLong = true;
    rest = '';
  }
  if (rest !== '' || isTooLong) yield rest;
}

/** The messages of a recording, its own `plait.hello` first; gaps are told as `plait.dropped`. */
export async function* messagesOf({ path, hello }: Recording): AsyncIterable<string> {
  yield JSON.stringify(hello);
  let passedOver = 0;
  let isFirst = true;
  let lastT = 0;
  for await (const line of linesOf(path)) {
    if (isFirst) {
      isFirst = false;
      continue;
    }
    const message = messageOf(line);
    if (message === null) {
      passedOver += 1;
      continue;
    }
    lastT = Number(message['t']);
    if (passedOver > 0) yield toldOf({ type: 'plait.dropped', t: lastT, count: passedOver }).text;
    passedOver = 0;
    yield line;
  }
  if (passedOver > 0) yield toldOf({ type: 'plait.dropped', t: lastT, count: passedOver }).text;
}

const sent = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve, reject) => socket.send(text, (error) => (error === undefined || error === null ? resolve() : reject(error))));

/** Sends a recording as fast as the viewer reads it, and closes; the function given back stops it. */
export function showRecording(socket: WebSocket, recording: Recording): () => void {
  let hasLeft = false;
  const send = async (): Promise<void> => {
    let frame: string[] = [];
    let chars = 0;
    for await (const text of messagesOf(recording)) {
      if (hasLeft) return;
      frame.push(text);
      chars += text.length;
      if (chars < FRAME_CHARS) continue;
      await sent(socket, frame.join('\n'));
      frame = [];
      chars = 0;
    }
    if (frame.length > 0) await sent(socket, frame.join('\n'));
    socket.close(1_000, 'The recording ends here.');
  };
  // The file went away, or the viewer did.
  send().catch(() => socket.close(1_011, 'The recording cannot be read any more.'));
  return () => {
    hasLeft = true;
  };
}
