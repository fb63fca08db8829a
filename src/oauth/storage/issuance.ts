import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware } from '../middleware.js';
import type { ArtifactStore, NewArtifact } from './artifact-store.js';

/** What one token request uses up, and what it is given for it. */
interface Issuance {
  used: { model: string; id: string };
  issued: NewArtifact[];
}

/** What a client holds afterwards. */
const issuedModels = new Set(['AccessToken', 'RefreshToken']);

const issuance = 'issuance';

function issuanceOf(ctx: KoaContextWithOIDC | undefined): Issuance | undefined {
  return ctx?.state[issuance];
}

/**
 * Has a token request use something up, in one statement with the tokens that it is given for it, which come with
 * {@link putOff}: were the one kept without the other, a client would be left with a code or refresh token that counts as
 * stolen when it comes again, and would lose everything by an outage in between.
 *
 * @returns false outside a token request, where using up is an act of its own
 */
export function useLater(model: string, id: string): boolean {
  const ctx = Provider.ctx;
  if (ctx?.oidc.route !== 'token') return false;
  const begun: Issuance = { used: { model, id }, issued: [] };
  ctx.state[issuance] = begun;
  return true;
}

/** @returns false when it is to be stored at once */
export function putOff(artifact: NewArtifact): boolean {
  const begun = issuedModels.has(artifact.model) ? issuanceOf(Provider.ctx) : undefined;
  begun?.issued.push(artifact);
  return begun !== undefined;
}

/**
 * Stores what a token request came to; before that, nothing of it is told to anybody. Of many requests that use up the same,
 * one gets its tokens.
 *
 * @param tellIssued - called for each request that got tokens
 */
export function settleIssuance(
  artifacts: Pick<ArtifactStore, 'consume' | 'exchange'>,
  tellIssued: (ctx: KoaContextWithOIDC) => void,
): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== 'token') return;
    const { used, issued } = issuanceOf(ctx) ?? {};
    try {
      if (used && ctx.status === 200) await artifacts.exchange(used, issued ?? []);
      // What was refused after it was presented cannot be presented again, as long as it was not for a failure of ours.
      else if (used && ctx.status < 500) await artifacts.consume(used.model, used.id);
    } catch (error) {
      if (!(error instanceof errors.InvalidGrant)) throw error;
      ctx.status = error.statusCode;
      ctx.body = { error: error.error, error_description: error.error_description };
      ctx.oidc.provider.emit('grant.error', ctx, error);
    }
    if (ctx.status === 200) tellIssued(ctx);
  };
}
