import type { MikroORM } from '@mikro-orm/postgresql';
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../../clock.js';
import { OAuthConsentEntity } from '../../entities/oauth-consent.entity.js';

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
    const missing = existing ? wanted.filter((scope) => !new Set(encounteredScopes(existing)).has(scope)) : wanted;
    if (existing && missing.length === 0) return existing;
    const allowed = client.first_party === true ? undefined : await consents.scopesOf(account.accountId, clientId);
    const unasked = allowed ? missing.filter((scope) => allowed.has(scope)) : missing;
    if (unasked.length === 0) return existing;
    const grant = existing ?? new provider.Grant({ accountId: account.accountId, clientId });
    grant.addOIDCScope(unasked);
    await grant.save();
    return grant;
  };
}

function encounteredScopes(grant: Grant): string[] {
  return grant.getOIDCScopeEncountered().split(' ');
}
