import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const acceptable = /^[\w.:-]{8,64}$/;

/**
 * Names a request: by `X-Request-Id` when the peer is a trusted proxy that sent one, otherwise anew.
 *
 * @param isTrusted - whether the headers of a peer with this address are believed
 */
export function createRequestId(isTrusted: (address: string) => boolean): (req: IncomingMessage) => string {
  return (req) => {
    const given = req.headers['x-request-id'];
    if (typeof given === 'string' && acceptable.test(given) && isTrusted(req.socket.remoteAddress ?? '')) return given;
    return randomUUID();
  };
}
