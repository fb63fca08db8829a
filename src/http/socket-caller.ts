import type { IncomingMessage } from 'node:http';
import type { Viewer } from '../access/viewer.js';
import type { Authenticate } from './authenticate.js';

/** Who is behind a socket. Asked again while it lives: sign-outs and revoked tokens must not be outlived by a connection. */
export interface SocketCaller {
  readonly address: string | null;
  /**
   * @param maxAgeMs - how long ago it may have been asked last
   * @throws UnauthenticatedError when token or session has ended
   */
  viewer(maxAgeMs: number): Promise<Viewer>;
}

/**
 * Recognises the caller of a socket by the token of its `connection_init` message, or else by the cookie of its upgrade.
 *
 * @param authorization - as in the HTTP header: scheme and token
 */
export async function recognizeCaller(
  request: IncomingMessage,
  authorization: string | undefined,
  authenticate: Authenticate,
): Promise<SocketCaller> {
  const asked = authorization === undefined ? request : withToken(request, authorization);
  let viewer = await authenticate(asked);
  let askedAt = performance.now();
  const forwardedFor = request.headers['x-forwarded-for'];
  return {
    address: typeof forwardedFor === 'string' ? forwardedFor : null,
    async viewer(maxAgeMs) {
      if (performance.now() - askedAt < maxAgeMs) return viewer;
      viewer = await authenticate(asked);
      askedAt = performance.now();
      return viewer;
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
