import type { MikroORM } from '@mikro-orm/postgresql';
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../clock.js';
import { OAuthConsentEntity } from '../../entities/oauth-consent.entity.js';
import { scopesOpening } from '../claims.js';

/** What people allowed to clients, beyond one session. */
export interface Consents {
  scopesOf(accountId: string, clientId: string): Promise<ReadonlySet<string>>;
  /** Adds to what was allowed before. */
  allow(accountId: string, clientId: string, scopes: readonly string[]): Promise<void>;
  /** @returns whether there was anything to take back */
  takeBack(accountId: string, clientId: string): Promise<boolean>;
  listOf(accountId: string): Promise<{ clientId: string; scopes: string[]; updatedAt: Date }[]>;
}

export function createConsents(orm: MikroORM, clock: Clock): Consents {
  return {
    async scopesOf(accountId, clientId) {
      const consent = await orm.em.fork().findOne(OAuthConsentEntity, { accountId, clientId, revokedAt: null });
      return new Set(consent?.scopes);
    },
    async allow(accountId, clientId, scopes) {
      await orm.em.fork().execute(
        `insert into oauth_consent as old (id, created_at, updated_at, account_id, client_id, scopes)
         values (?, ?, ?, ?, ?, array(select jsonb_array_elements_text(?::jsonb)))
         on conflict (account_id, client_id) do update set updated_at = excluded.updated_at, revoked_at = null,
           scopes = case when old.revoked_at is null
             then array(select distinct unnest(old.scopes || excluded.scopes)) else excluded.scopes end`,
        [uuidv7(), clock(), clock(), accountId, clientId, JSON.stringify(scopes)],
      );
    },
    async takeBack(accountId, clientId) {
      const now = clock();
      const changed = await orm.em
        .fork()
        .nativeUpdate(OAuthConsentEntity, { accountId, clientId, revokedAt: null }, { revokedAt: now, updatedAt: now });
      return changed > 0;
    },
    listOf: (accountId) =>
      orm.em.fork().find(OAuthConsentEntity, { accountId, revokedAt: null }, { orderBy: { id: 'asc' } }),
  };
}

/**
 * Finds the grant that a request falls under, or makes one when nobody needs to be asked: for our own applications, and for
 * what the person has allowed before. A grant is what one session gave one client, so that revoking a token on one device
 * leaves the others alone; what the person decided is kept apart, as consent.
 */
export function createGrantLoader(consents: Consents) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { oidc } = ctx;
    const { client, account, session, result, provider } = oidc;
    if (!client || !account || !session) return undefined;
    const { clientId } = client;
    const wanted = [...oidc.requestParamOIDCScopes];
    const decided = result?.consent?.grantId;
    if (decided) return await provider.Grant.find(decided);

    const existingId = session.grantIdFor(clientId);
    const existing = existingId ? await provider.Grant.find(existingId) : undefined;
    const missing = existing ? wanted.filter((scope) => !encounteredScopes(existing).includes(scope)) : wanted;
    const claims = [...oidc.requestParamClaims].filter((claim) => scopesOpening(claim).length > 0);
    const missingClaims = claims.filter((claim) => !existing?.getOIDCClaimsEncountered().includes(claim));
    if (existing && missing.length + missingClaims.length === 0) return existing;

    const consented = client.first_party === true ? undefined : await consents.scopesOf(account.accountId, clientId);
    const unasked = consented ? missing.filter((scope) => consented.has(scope)) : missing;
    const { open, closed } = sortClaims(missingClaims, client.scope);
    const unaskedClaims = consented ? open.filter((claim) => scopesOpening(claim).some((s) => consented.has(s))) : open;
    if (unasked.length + unaskedClaims.length + closed.length === 0) return existing;
    const grant = existing ?? new provider.Grant({ accountId: account.accountId, clientId });
    if (unasked.length > 0) grant.addOIDCScope(unasked);
    if (unaskedClaims.length > 0) grant.addOIDCClaims(unaskedClaims);
    if (closed.length > 0) grant.rejectOIDCClaims(closed);
    await grant.save();
    return grant;
  };
}

/** Claims by whether a client may have them at all: those that a scope opens that it is registered for. */
export function sortClaims(
  claims: readonly string[],
  registeredScope: string | undefined,
): { open: string[]; closed: string[] } {
  const registered = new Set(registeredScope?.split(' '));
  const isOpen = (claim: string) => scopesOpening(claim).some((scope) => registered.has(scope));
  return { open: claims.filter(isOpen), closed: claims.filter((claim) => !isOpen(claim)) };
}

function encounteredScopes(grant: Grant): string[] {
  return grant.getOIDCScopeEncountered().split(' ');
}
