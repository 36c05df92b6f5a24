/** Answers a good server would give, to be bent by the tests. */
import { patternBytes } from './pattern.ts';
import type { Script, SeenRequest, Step } from './fault-server.ts';

/** A head with these lines, and the empty one that ends it. */
export const head = (status: string, ...lines: string[]): Step => ({ send: [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n') });

/** The head of a right 206. */
export function partHead(request: SeenRequest, totalBytes: number, ...lines: string[]): Step {
  const start = request.range?.start ?? 0;
  const end = Math.min(request.range?.end ?? totalBytes, totalBytes);
  return head('206 Partial Content', `Content-Range: bytes ${start}-${end - 1}/${totalBytes}`, `Content-Length: ${end - start}`, ...lines);
}

/** The bytes of a right 206. */
export function partBody(request: SeenRequest, totalBytes: number, seed = 0): Step {
  return { send: patternBytes(request.range?.start ?? 0, Math.min(request.range?.end ?? totalBytes, totalBytes), seed) };
}

/** A server that does everything right. */
export const good = (totalBytes: number, ...lines: string[]): Script => (request) => [partHead(request, totalBytes, ...lines), partBody(request, totalBytes)];
