/** How the head and the framing of an answer get onto the socket: through Node's HTTP where it lets us, else past it. */
import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { INTERIM_EVERY_MS, TRICKLE_MS } from '../base/bounds.ts';
import { pause } from '../base/pause.ts';
import type { Answer } from './answer.ts';

/** Takes bytes of a body; `write` settles with false once the socket is gone. */
export interface ResponseWire {
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  /** Ends the response; the connection lives on where its framing allows that. */
  readonly end: () => void;
}

/** Sends the head of `answer` and gives the wire for its body; null where no body is to follow or the socket is gone. */
export async function beginResponse(answer: Answer, response: ServerResponse, socket: Socket, signal: AbortSignal): Promise<ResponseWire | null> {
  if (answer.manner === 'plain' || answer.manner === 'chunked') return throughNode(answer, response, signal);
  if (answer.manner === 'endless-1xx') return endlessInterims(socket, signal);
  if (answer.manner === 'garbage') {
    socket.end('HELLO, I AM NOT A WEB SERVER\r\n\r\n');
    return null;
  }
  const head = rawHead(answer);
  if (answer.manner === 'slow-head') {
    for (const character of head) {
      await pause(TRICKLE_MS, signal);
      if (signal.aborted) return null;
      socket.write(character, 'latin1');
    }
  } else socket.write(head, 'latin1');
  return pastNode(answer, socket, signal);
}

function throughNode(answer: Answer, response: ServerResponse, signal: AbortSignal): ResponseWire {
  response.writeHead(answer.status, answer.headers);
  return {
    write: (bytes) => written((done) => response.write(bytes, done), signal),
    end: () => response.end(),
  };
}

/** Past Node's HTTP there is no next request on the connection: it ends with the response. */
function pastNode(answer: Answer, socket: Socket, signal: AbortSignal): ResponseWire {
  const isChunked = answer.manner === 'length-and-te';
  return {
    write: (bytes) =>
      written((done) => {
        if (isChunked) socket.write(`${bytes.length.toString(16)}\r\n`);
        socket.write(bytes, isChunked ? undefined : done);
        if (isChunked) socket.write('\r\n', done);
      }, signal),
    end: () => socket.end(isChunked ? '0\r\n\r\n' : ''),
  };
}

function rawHead(answer: Answer): string {
  const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
  if (answer.manner === 'two-lengths') lines.push(`Content-Length: ${Number(answer.headers['Content-Length'] ?? 0) + 1}`);
  if (answer.manner === 'length-and-te') lines.push('Transfer-Encoding: chunked');
  lines.push(`Date: ${new Date().toUTCString()}`, 'Connection: close');
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

async function endlessInterims(socket: Socket, signal: AbortSignal): Promise<null> {
  while (!signal.aborted && (await written((done) => socket.write('HTTP/1.1 102 Processing\r\n\r\n', done), signal))) {
    await pause(INTERIM_EVERY_MS, signal);
  }
  return null;
}

/** Whether a write went through; a socket that is gone may never call back, but then the signal does. */
function written(write: (done: (error?: Error | null) => void) => void, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(false);
    signal.addEventListener('abort', onAbort, { once: true });
    write((error) => {
      signal.removeEventListener('abort', onAbort);
      resolve(error === undefined || error === null);
    });
  });
}
