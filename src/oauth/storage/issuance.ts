import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware } from '../middleware.js';
import type { ArtifactStore, NewArtifact } from './artifact-store.js';

/** What one token request uses up, and what it is given for it. */
interface Issuance {
  used?: { model: string; id: string };
  issued: NewArtifact[];
}

/** What a client holds afterwards, by the routes that give it. */
const issuedModels: Record<string, ReadonlySet<string>> = {
  token: new Set(['AccessToken', 'RefreshToken', 'ClientCredentials']),
  authorization: new Set(['AuthorizationCode']),
  resume: new Set(['AuthorizationCode']),
};

const issuance = 'issuance';

/**
 * Where everything is that is put off at this moment. What ends a token does not always know the request that it was issued
 * in, and what is ended must not be stored after that.
 */
const puttingOff = new Map<string, Issuance>();

const nameOf = (model: string, id: string) => `${model} ${id}`;

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
  ctx.state[issuance] = { used: { model, id }, issued: [] } satisfies Issuance;
  return true;
}

/**
 * Has what a request is given stored with what it uses up, or else with the record of the act.
 *
 * @returns false when it is to be stored at once
 */
export function putOff(artifact: NewArtifact): boolean {
  const { ctx } = Provider;
  if (!ctx || !issuedModels[ctx.oidc.route]?.has(artifact.model)) return false;
  const begun = issuanceOf(ctx) ?? { issued: [] };
  begun.issued.push(artifact);
  ctx.state[issuance] = begun;
  puttingOff.set(nameOf(artifact.model, artifact.id), begun);
  return true;
}

/** Takes back what was put off, by whatever part of a request it is ended. @returns whether it was */
export function takeBack(model: string, id: string): boolean {
  const begun = puttingOff.get(nameOf(model, id));
  if (!begun) return false;
  begun.issued = begun.issued.filter((artifact) => artifact.model !== model || artifact.id !== id);
  return puttingOff.delete(nameOf(model, id));
}

/** What is still to be stored of what a request was given; to be called for each request. After a refusal nobody gets it. */
export function takeIssued(ctx: KoaContextWithOIDC): readonly NewArtifact[] {
  const issued = takeAll(issuanceOf(ctx));
  return ctx.status < 400 ? issued : [];
}

function takeAll(begun: Issuance | undefined): NewArtifact[] {
  const issued = begun?.issued.splice(0) ?? [];
  for (const { model, id } of issued) puttingOff.delete(nameOf(model, id));
  return issued;
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
    const { used } = issuanceOf(ctx) ?? {};
    try {
      if (used && ctx.status === 200) await artifacts.exchange(used, takeAll(issuanceOf(ctx)));
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
