/**
 * The page of `--stately`: it frames Stately's own inspector and hands each message on to it, as the page of
 * @statelyai/inspect's own relay does; but only to stately.ai, and only from this process. It needs the internet.
 */
import type { GivePage } from './door.ts';

const STATELY = 'https://stately.ai';

const SCRIPT = `
const frame = document.querySelector('iframe');
const waiting = [];
let isThere = false;
const hand = (message) => frame.contentWindow.postMessage(message, '${STATELY}');
addEventListener('message', ({ origin, data }) => {
  if (origin !== '${STATELY}' || data?.type !== '@statelyai.connected') return;
  isThere = true;
  waiting.splice(0).forEach(hand);
});
const address = new URL('live', location.href);
address.protocol = 'ws:';
new WebSocket(address).onmessage = ({ data }) => (isThere ? hand(JSON.parse(data)) : waiting.push(JSON.parse(data)));
`;

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>plait in the Stately inspector</title>
<style>html, body { height: 100%; margin: 0 } iframe { width: 100%; height: 100%; border: 0 }</style>
<iframe title="Stately inspector" src="${STATELY}/inspect"></iframe>
<script src="hand-on.js"></script>
</html>
`;

const POLICY = `default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-src ${STATELY}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const statelyPage: GivePage = async (path) => {
  if (path === '') return { type: 'text/html; charset=utf-8', body: HTML, policy: POLICY };
  if (path === 'hand-on.js') return { type: 'text/javascript; charset=utf-8', body: SCRIPT, policy: POLICY };
  return null;
};
