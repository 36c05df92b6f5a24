/** Opens the socket of a lane: TCP, or TLS with the certificate and the host's name checked. */
import { connect as connectTcp, isIP } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, SecureContext } from 'node:tls';

/** The host of a URL as sockets want it: IPv6 literals without their brackets. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/u, '$1');

/**
 * `secureContext` holds whom to trust, and is null for plain TCP. `onReady` is called once the connection stands; with TLS that is after the certificate was found good, so that
 * nothing is said to a stranger. `onread` works because the socket is made here and not handed in.
 */
export function openSocket(url: URL, onread: OnReadOpts, secureContext: SecureContext | null, onReady: () => void): Socket {
  const host = hostOf(url);
  if (secureContext === null) {
    return connectTcp({ host, port: Number(url.port === '' ? 80 : url.port), noDelay: true, onread }, onReady);
  }
  const options: ConnectionOptions & { onread: OnReadOpts; noDelay: boolean } = {
    host,
    port: Number(url.port === '' ? 443 : url.port),
    // SNI carries names only (RFC 6066 §3); an address is checked against the certificate all the same.
    ...(isIP(host) === 0 ? { servername: host.replace(/\.$/u, '') } : {}),
    ALPNProtocols: ['http/1.1'],
    secureContext,
    noDelay: true,
    onread,
  };
  return connectTls(options, onReady);
}
