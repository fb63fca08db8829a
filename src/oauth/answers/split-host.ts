import type { Middleware } from '../middleware.js';

/**
 * Where a request came to, when that is another place than Portico's public one, e.g. `http://portico:8053` inside a container
 * network. Set by the web server for hosts that are allowed; whatever a client sends in it is dropped.
 */
export const askedOriginHeader = 'x-portico-asked-origin';

/** What clients call themselves; everything else in a discovery document is an identity or a place for browsers. */
const calledByClients = [
  'token_endpoint',
  'userinfo_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'jwks_uri',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
] as const;

/**
 * Names the endpoints that clients call as the client reaches them that asks for the discovery document: an LMS in a container
 * network often cannot open the address that browsers use. Issuer and pages stay what they are.
 */
export const nameEndpointsAsReached: Middleware = async (ctx, next) => {
  await next();
  if (ctx.oidc?.route !== 'discovery' || ctx.status !== 200) return;
  ctx.vary('Host');
  const origin = ctx.get(askedOriginHeader);
  const document: unknown = ctx.body;
  if (!origin || !(document instanceof Object)) return;
  const reached = Object.entries(document).map(([name, value]) =>
    calledByClients.some((called) => called === name)
      ? [name, origin + new URL(String(value)).pathname]
      : [name, value],
  );
  ctx.body = Object.fromEntries(reached);
};
