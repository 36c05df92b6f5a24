/** Which proxy a request goes through, by the environment variables that curl and its kin agree on. */

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

/**
 * The proxy for `url`, or null for none. `http_proxy` counts in lower case only, because a web server's CGI turns a
 * request header "Proxy" into HTTP_PROXY; the others count in both. Loopback is never proxied.
 */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): URL | null {
  if (isLoopback(url.hostname)) return null;
  const named = (...names: string[]): string | undefined => names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  const own = url.protocol === 'https:' ? named('https_proxy', 'HTTPS_PROXY') : named('http_proxy');
  const text = own ?? named('all_proxy', 'ALL_PROXY');
  if (text === undefined || isExempt(url, named('no_proxy', 'NO_PROXY') ?? '')) return null;
  const whole = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(whole) ? new URL(whole) : null;
}
