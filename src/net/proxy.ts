/** Which proxy a request goes through, by the environment variables that curl and its kin agree on. */
import { PlaitError } from '../base/errors.ts';

/** The part of a name in no_proxy that stands for a port. */
const ENTRY = /^(?<host>\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(?<port>\d+))?$/u;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(host) || /^\[::ffff:7f[\da-f]{2}:[\da-f]+\]$/u.test(host);
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/\.$/u, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return noProxy.toLowerCase().split(/[\s,]+/u).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const groups = ENTRY.exec(entry)?.groups;
    if (groups?.['port'] !== undefined && groups['port'] !== port) return false;
    // `.example.org`, `*.example.org` and `example.org` all mean the domain and what is below it.
    const name = (groups?.['host'] ?? '').replace(/^\*?\./u, '').replace(/\.$/u, '');
    const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
    return bracketed !== '' && (host === bracketed || host.endsWith(`.${bracketed}`));
  });
}

/** How a request goes out. */
export type Way =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: URL }
  /** The variable demands a proxy and names none: going out directly would be going past it. */
  | { readonly kind: 'unusable'; readonly variable: string };

/** undici speaks to these. */
const SCHEMES = new Set(['http:', 'https:', 'socks5:', 'socks:']);

/**
 * The way to `url`. `http_proxy` counts in lower case only, because a web server's CGI turns a request header "Proxy"
 * into HTTP_PROXY; the others count in both. Loopback is never proxied.
 */
export function wayTo(url: URL, env: Readonly<Record<string, string | undefined>>): Way {
  if (isLoopback(url.hostname)) return { kind: 'direct' };
  const firstSet = (...names: string[]): string | undefined => names.find((name) => (env[name] ?? '') !== '');
  const own = url.protocol === 'https:' ? firstSet('https_proxy', 'HTTPS_PROXY') : firstSet('http_proxy');
  const variable = own ?? firstSet('all_proxy', 'ALL_PROXY');
  if (variable === undefined || isExempt(url, env[firstSet('no_proxy', 'NO_PROXY') ?? ''] ?? '')) return { kind: 'direct' };
  const text = env[variable] ?? '';
  const whole = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(whole) ? new URL(whole) : null;
  return proxy === null || !SCHEMES.has(proxy.protocol) || proxy.hostname === '' ? { kind: 'unusable', variable } : { kind: 'proxy', proxy };
}

/**
 * Refuses a mirror that could only be reached past the proxy that was asked for. The variable's value is not told: it may
 * hold a password.
 * @throws PlaitError `usage`
 */
export function checkWayTo(url: URL, env: Readonly<Record<string, string | undefined>>): void {
  const way = wayTo(url, env);
  if (way.kind !== 'unusable') return;
  throw new PlaitError('usage', `The variable ${way.variable} is not the address of a proxy: write it like http://proxy.example:3128, or unset it.`);
}
