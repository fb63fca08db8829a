import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Fact, FreshCache } from '../../changes/fresh-cache.js';
import { sha256 } from '../../crypto/hash.js';
import type { ClientRegistry } from '../client/registry.js';
import { withoutSlash } from '../endpoint-names.js';
import type { Middleware } from '../middleware.js';
import { isStoredGrant } from '../token/viewer.js';
import type { AnswerDirectly } from './direct-answers.js';
import { hasOnly } from './form.js';
import { clientParameters } from './known-client.js';

/** Answers to introspection (RFC 7662) of tokens that are good now, as JSON. */
export type KnownAnswers = FreshCache<string>;

const path = '/oauth2/introspect';
const parameters = new Set(['token', 'token_type_hint', ...clientParameters]);

/** By the token's hash, so that no token stays in memory, and for one client: what others are told may differ. */
const keyOf = (token: string, clientId: string) => `${sha256(token)} ${clientId}`;

/** Keeps what the provider answers of access tokens that are good, by all that it is true by. */
export function rememberIntrospection(known: KnownAnswers, clients: Pick<ClientRegistry, 'ownerOf'>): Middleware {
  return async (ctx, next) => {
    if (withoutSlash(ctx.path) !== path) return next();
    await known.remember(async () => {
      await next();
      const token = String(ctx.oidc?.params?.token);
      const clientId = ctx.oidc?.client?.clientId;
      if (ctx.status !== 200 || clientId === undefined || !isActive(ctx.body)) return undefined;
      const basis = await basisOf(ctx, clients);
      const value = JSON.stringify(ctx.body);
      return basis && { key: keyOf(token, clientId), value, ...basis, facts: [...basis.facts, `client:${clientId}`] };
    });
  };
}

/** Answers of a token that the provider answered of a moment ago, to the same client. */
export function answerKnownIntrospection(known: KnownAnswers): AnswerDirectly {
  return async (_req, form, authenticate) => {
    if (!form.token || !hasOnly(form, parameters)) return undefined;
    const client = await authenticate();
    return client && known.find(keyOf(form.token, client.clientId));
  };
}

async function basisOf(
  { oidc }: KoaContextWithOIDC,
  clients: Pick<ClientRegistry, 'ownerOf'>,
): Promise<{ facts: Fact[]; endsAt: Date } | undefined> {
  const { AccessToken: personal, ClientCredentials: own, Grant: grant } = oidc.entities;
  const token = personal ?? own;
  // What is not stored under its own value, or rests on more than these, is looked up each time.
  if (!token?.exp || !token.clientId || (personal && !(grant && isStoredGrant(personal.grantId)))) return undefined;
  const accountId = personal ? personal.accountId : await clients.ownerOf(token.clientId);
  const facts: Fact[] = [`token:${sha256(token.jti)}`, `client:${token.clientId}`];
  if (accountId !== undefined) facts.push(`account:${accountId}`);
  if (personal) facts.push(`grant:${personal.grantId}`);
  if (personal?.sessionUid) facts.push(`session:${personal.sessionUid}`);
  return { facts, endsAt: new Date(Math.min(token.exp, grant?.exp ?? token.exp) * 1000) };
}

function isActive(body: unknown): boolean {
  return body instanceof Object && 'active' in body && body.active === true;
}
