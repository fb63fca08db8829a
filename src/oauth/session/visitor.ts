import type { IncomingMessage } from 'node:http';
import type { Visitor } from '../storage/session-store.js';

const longestUserAgent = 400;

/**
 * Where a request comes from. The address is believed as it stands in `X-Forwarded-For`: the web server has replaced whatever
 * the peer sent there by the one address that it believes.
 */
export function visitorOf(req: IncomingMessage): Visitor {
  return { userAgent: req.headers['user-agent']?.slice(0, longestUserAgent) ?? null, address: addressOf(req) };
}

/** @returns the network address of the caller, see {@link visitorOf} */
export function addressOf(req: IncomingMessage): string | null {
  const forwarded = req.headers['x-forwarded-for'];
  const [address] = (Array.isArray(forwarded) ? forwarded : [forwarded ?? '']).flatMap((value) => value.split(','));
  return address?.trim() || (req.socket.remoteAddress ?? null);
}

/** Whether there is nothing to note of a visitor: what one does not tell of itself stays as it was noted. */
export function isNotedVisitor(noted: Visitor, visitor: Visitor): boolean {
  return (
    (visitor.userAgent === null || visitor.userAgent === noted.userAgent) &&
    (visitor.address === null || visitor.address === noted.address)
  );
}
