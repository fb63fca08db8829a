import { type Client, errors, type FapiProfile, type KoaContextWithOIDC } from 'oidc-provider';
import { fapiSigningAlgorithms } from '../../services/oauth-client/security-profile.js';

/** The profile of FAPI that a client is held to; there may be no client yet, when a request could not say who sends it. */
export function fapiProfileOf(_ctx: KoaContextWithOIDC, client: Client | undefined): FapiProfile | undefined {
  return client?.fapi_profile === '2.0' ? '2.0' : undefined;
}

/**
 * What the FAPI 2.0 Security Profile asks of a client's assertion beyond RFC 7523: our issuer, and that alone, as audience
 * (5.3.2.1), and an algorithm of its list (5.4.1).
 */
export function checkAssertion(
  ctx: KoaContextWithOIDC,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  client: Client,
): void {
  if (!fapiProfileOf(ctx, client)) return;
  if (claims.aud !== ctx.oidc.issuer)
    throw new errors.InvalidClientAuth('the audience must be the issuer, and only it');
  if (!fapiSigningAlgorithms.includes(String(header.alg)))
    throw new errors.InvalidClientAuth('the algorithm is not one of the FAPI 2.0 Security Profile');
}
