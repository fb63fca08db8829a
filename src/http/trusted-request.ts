import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import { AppError } from '../errors.js';
import { askedOriginHeader } from '../oauth/answers/split-host.js';

/** Why a request is turned away before anything reads it. */
export type Refusal = 'foreign-host' | 'plain-http';

/** The request came under a host name that is not ours (RFC 9110 15.5.20). The name is not repeated. */
export class ForeignHostError extends AppError {
  override readonly name = 'ForeignHostError';
  readonly code = 'MISDIRECTED_REQUEST';
  readonly httpStatus = 421;
  constructor(publicUrl: string) {
    super(`Portico is not served under this host name. Its address is ${publicUrl}.`);
  }
}

/**
 * Decides whether a request was meant for Portico, and rewrites its addressing headers so that everything behind (the OAuth
 * provider reads them raw) sees one truth: `host` and `x-forwarded-host` are the public host, `x-forwarded-proto` the public
 * scheme, `x-forwarded-for` the one client address that the trusted proxies vouch for. Under which other name of ours it came is kept
 * in a header of our own. To be called once for each request or
 * WebSocket upgrade.
 *
 * @returns why to refuse, or `undefined` to go on
 */
export type AdmitRequest = (req: IncomingMessage) => Refusal | undefined;

/** Paths that a load balancer asks by address; their answers show nothing of the request. */
const anyHostPath = /^\/(health(\/|\?|$)|metrics(\?|$))/;

/**
 * @param publicUrl - the URL under which people reach Portico
 * @param allowedHosts - further `host[:port]` values that are accepted
 * @param isTrusted - whether the `X-Forwarded-*` headers of a peer with this address are believed
 */
export function createAdmitRequest({
  publicUrl,
  allowedHosts,
  isTrusted,
}: {
  publicUrl: string;
  allowedHosts: readonly string[];
  isTrusted: (address: string) => boolean;
}): AdmitRequest {
  const { host: publicHost, protocol } = new URL(publicUrl);
  const publicScheme = protocol.slice(0, -1);
  const hosts = new Set([publicHost, ...allowedHosts].map((host) => host.toLowerCase()));
  return (req) => {
    const isFromProxy = isTrusted(req.socket.remoteAddress ?? '');
    const clientAddress = proxyAddr(req, isTrusted);
    const host = (isFromProxy && lastValue(req, 'x-forwarded-host')) || req.headers.host || '';
    const scheme = isFromProxy ? lastValue(req, 'x-forwarded-proto') : undefined;
    for (const name of Object.keys(req.headers))
      if (name === 'forwarded' || name === askedOriginHeader || name.startsWith('x-forwarded-'))
        delete req.headers[name];
    req.headers.host = publicHost;
    req.headers['x-forwarded-host'] = publicHost;
    req.headers['x-forwarded-proto'] = publicScheme;
    req.headers['x-forwarded-for'] = clientAddress;
    if (anyHostPath.test(req.url ?? '')) return undefined;
    if (!hosts.has(host.toLowerCase())) return 'foreign-host';
    if (publicScheme === 'https' && scheme === 'http') return 'plain-http';
    // Whoever comes without a proxy speaks plain HTTP: Portico itself knows no other.
    if (host.toLowerCase() !== publicHost)
      req.headers[askedOriginHeader] = `${scheme ?? 'http'}://${host.toLowerCase()}`;
    return undefined;
  };
}

/** Which peers are believed, by address or CIDR range. */
export function createTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  if (trustedProxies.length === 0) return () => false;
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (address) => address !== '' && isTrusted(address, 0);
}

/** A proxy appends its own value, so the last one is what it saw. */
function lastValue(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return (Array.isArray(value) ? value.at(-1) : value)?.split(',').at(-1)?.trim() || undefined;
}
