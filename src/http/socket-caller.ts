import type { IncomingMessage } from 'node:http';
import type { Caller } from '../resolvers/subscription/subscriber.js';
import type { Authenticate } from './authenticate.js';

/**
 * Recognises the caller of a connection that stays: by the token of its `connection_init` message, or else by its own request.
 *
 * @param authorization - as in the HTTP header: scheme and token; without it the request's own, or its cookie
 */
export async function recognizeCaller(
  request: IncomingMessage,
  authorization: string | undefined,
  authenticate: Authenticate,
): Promise<Caller> {
  const asked = authorization === undefined ? request : withToken(request, authorization);
  let viewer = await authenticate(asked);
  let askedAt = performance.now();
  let doubts = 0;
  const forwardedFor = request.headers['x-forwarded-for'];
  const recentViewer: Caller['recentViewer'] = (maxAgeMs) =>
    performance.now() - askedAt < maxAgeMs ? viewer : undefined;
  return {
    address: typeof forwardedFor === 'string' ? forwardedFor : null,
    recentViewer,
    async viewer(maxAgeMs) {
      const recent = recentViewer(maxAgeMs);
      if (recent) return recent;
      const beganAt = performance.now();
      const before = doubts;
      viewer = await authenticate(asked);
      // What became doubtful meanwhile may have been read before.
      askedAt = doubts === before ? beganAt : Number.NEGATIVE_INFINITY;
      return viewer;
    },
    doubt: () => {
      doubts += 1;
      askedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** The upgrade request as if it had come with the token, and without the cookie that the browser added by itself. */
function withToken(request: IncomingMessage, authorization: string): IncomingMessage {
  const { cookie: _, ...headers } = request.headers;
  return Object.create(request, { headers: { value: { ...headers, authorization } } });
}

/** `Authorization` of the connection parameters, in either spelling. */
export function readAuthorization(connectionParams: Record<string, unknown> | undefined): string | undefined {
  const value = connectionParams?.authorization ?? connectionParams?.Authorization;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Whether the page that opened the socket may use the browser's cookie. Browsers send cookies with WebSocket upgrades from
 * any site, and always say which (RFC 6455 10.2).
 */
export function isFromOwnPage(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  return request.headers.cookie === undefined || allowedOrigins.includes(request.headers.origin ?? '');
}
