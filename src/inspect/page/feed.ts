/** The stream of messages: a web socket beside the page, whose address carries the token. It only ever listens. */
import type { Playback } from './playback.ts';

/** Begins to listen. Nothing is tried again: who ended tells so, and a socket that broke has lost what it missed. */
export function listen(playback: Playback): void {
  const address = new URL('live', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  const socket = new WebSocket(address);
  socket.addEventListener('open', () => playback.connected('open'));
  socket.addEventListener('message', ({ data }) => playback.receive(String(data).split('\n')));
  socket.addEventListener('close', () => playback.connected('closed'));
}
