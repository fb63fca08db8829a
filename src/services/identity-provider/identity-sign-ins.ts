import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { randomSecret } from '../../crypto/hash.js';
import { IdentityProviderError, type ProvenIdentity } from '../../datasources/identity-provider/proven-identity.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import {
  type IdentityProvider,
  IdentityProviderEntity,
  LinkedIdentityEntity,
} from '../../entities/identity-provider.entity.js';
import { NotFoundError, RateLimitedError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { readExternalKey } from '../learner-link/key-grammar.js';
import { networkOf } from '../network.js';
import type { Throttle } from '../throttle.js';
import { standingOfKey } from './key-holder.js';
import type { PendingSignIns } from './pending-sign-ins.js';
import { enqueueTie } from './tie-learner.js';

/** One way in which a provider proves people. */
export interface SignInProtocol {
  /**
   * @returns where to send the browser, and what the answer is checked with
   * @throws IdentityProviderError
   */
  begin(
    provider: IdentityProvider,
    state: string,
    options: { isFresh: boolean },
  ): Promise<{ url: string; kept: unknown }>;
  /** @throws IdentityProviderError */
  prove(
    provider: IdentityProvider,
    answer: { query: URLSearchParams; state: string; kept: unknown },
  ): Promise<ProvenIdentity>;
}

/** Why nobody was signed in, for the page that says so. */
export type IdentityRefusal = 'expired' | 'denied' | 'unreachable' | 'wrong-answer' | 'inactive' | 'somebody-else';

/** What came of somebody's way to a provider and back. */
export type IdentityOutcome =
  /** `isKeyRefused`: the provider names a learner who is somebody else here. */
  | { outcome: 'known'; provider: IdentityProvider; account: Account; isKeyRefused: boolean; next: string | undefined }
  /** Nobody here yet: see `LinkedIdentities`. */
  | { outcome: 'unknown'; provider: IdentityProvider }
  | { outcome: 'refused'; provider: IdentityProvider; reason: IdentityRefusal };

/** Sign-ins at the identity providers of organizations. */
export interface IdentitySignIns {
  /**
   * @param request - `browser`: a secret that this browser keeps; `isFresh`: the person shall prove themselves anew
   * @returns where to send the browser
   * @throws NotFoundError for a provider that is not there, or switched off
   * @throws RateLimitedError after too many failures of the address
   * @throws IdentityProviderError when the provider cannot be reached
   */
  begin(
    slug: string,
    request: { browser: string; next: string | undefined; isFresh: boolean; address: string },
  ): Promise<string>;
  /**
   * Keeps what a SAML provider posted, until the browser comes for it.
   *
   * @returns whether there is a request that it may answer
   */
  answer(state: string, response: string): Promise<boolean>;
  /**
   * Takes the answer of a provider, once.
   *
   * @param answer - `signedInAs`: who is signed in already; they are not made somebody else
   * @throws NotFoundError, RateLimitedError as above
   */
  complete(
    slug: string,
    answer: { query: URLSearchParams; browser: string; address: string; signedInAs: string | undefined },
  ): Promise<IdentityOutcome>;
}

export interface IdentitySignInsDeps {
  orm: MikroORM;
  protocols: Record<IdentityProvider['kind'], SignInProtocol>;
  pending: PendingSignIns;
  audit: Pick<AuditService, 'record'>;
  /** All failures of one network address. */
  addressFailures: Throttle;
  clock: Clock;
  logger: Logger;
}

export function createIdentitySignIns(deps: IdentitySignInsDeps): IdentitySignIns {
  const { orm, protocols, pending, audit, addressFailures, logger } = deps;

  const findEnabled = async (slug: string): Promise<{ provider: IdentityProvider; protocol: SignInProtocol }> => {
    const provider = await orm.em
      .fork()
      .findOne(IdentityProviderEntity, { slug, isEnabled: true }, { populate: ['sealedSecret'] });
    if (!provider) throw new NotFoundError('Nobody can sign in there.');
    return { provider, protocol: protocols[provider.kind] };
  };

  const refuse = async (
    provider: IdentityProvider,
    reason: IdentityRefusal,
    { accountId = null, address }: { accountId?: string | null; address: string },
  ): Promise<IdentityOutcome> => {
    const actor: Actor = { accountId, address };
    const detail = { provider: provider.slug };
    await audit.record({ action: 'identity.refused', outcome: reason, actor, subjectId: accountId, detail });
    if (reason === 'expired' || reason === 'wrong-answer') {
      const state = await addressFailures.record(networkOf(address));
      if (state.isOver) throw new RateLimitedError('Too many attempts. Wait a minute.', state.retryAfterSeconds);
    }
    return { outcome: 'refused', provider, reason };
  };

  return {
    async begin(slug, { browser, next, isFresh, address }) {
      const { provider, protocol } = await findEnabled(slug);
      const state = randomSecret();
      const { url, kept } = await protocol.begin(provider, state, { isFresh });
      await pending.keepRequest({ providerId: provider.id, kept, next, state, browser });
      logger.debug({ provider: slug, network: networkOf(address) }, 'somebody goes to their identity provider');
      return url;
    },

    answer: (state, response) => pending.answerRequest(state, response),

    async complete(slug, { query, browser, address, signedInAs }) {
      const { provider, protocol } = await findEnabled(slug);
      const state = query.get('state') ?? '';
      const request = await pending.takeRequest<unknown>(state, browser);
      if (request?.providerId !== provider.id) return refuse(provider, 'expired', { address });
      const { kept, next } = request;
      let identity: ProvenIdentity;
      try {
        identity = readKey(await protocol.prove(provider, { query, state, kept }));
      } catch (error) {
        if (!(error instanceof IdentityProviderError)) throw error;
        logger.warn({ err: error, provider: slug }, 'an identity provider proved nobody');
        return refuse(provider, error.trouble, { address });
      }
      const account = await useLink(deps, provider, identity);
      if (!account) {
        await pending.keepProven(browser, { providerId: provider.id, identity, next });
        return { outcome: 'unknown', provider };
      }
      const about = { accountId: account.id, address };
      if (account.status !== 'ACTIVE') return refuse(provider, 'inactive', about);
      if (signedInAs !== undefined && signedInAs !== account.id) return refuse(provider, 'somebody-else', about);
      const isKeyRefused = await isHeldElsewhere(deps, provider, identity, account, address);
      return { outcome: 'known', provider, account, isKeyRefused, next };
    },
  };
}

/** A key that can be no learner's is none. */
function readKey(identity: ProvenIdentity): ProvenIdentity {
  if (identity.externalKey === null) return identity;
  try {
    return { ...identity, externalKey: readExternalKey(identity.externalKey, 'externalKey') };
  } catch {
    return { ...identity, externalKey: null };
  }
}

/** Whom the subject is here; notes that it was used, and what key it has now. */
async function useLink(
  { orm, clock }: Pick<IdentitySignInsDeps, 'orm' | 'clock'>,
  provider: IdentityProvider,
  { subject, externalKey }: ProvenIdentity,
): Promise<Account | null> {
  return orm.em.fork().transactional(async (tx) => {
    const link = await tx.findOne(LinkedIdentityEntity, { providerId: provider.id, subject });
    if (!link) return null;
    const account = await tx.findOne(AccountEntity, { id: link.accountId });
    if (account?.status !== 'ACTIVE') return account;
    link.lastUsedAt = clock();
    if (externalKey !== null) {
      link.externalKey = externalKey;
      await enqueueTie(tx, link.id);
    }
    await tx.flush();
    return account;
  });
}

async function isHeldElsewhere(
  { orm, audit }: Pick<IdentitySignInsDeps, 'orm' | 'audit'>,
  { organizationId, slug }: IdentityProvider,
  { externalKey }: ProvenIdentity,
  { id: accountId }: Account,
  address: string,
): Promise<boolean> {
  if (externalKey === null) return false;
  const standing = await standingOfKey(orm.em.fork(), { organizationId, externalKey }, accountId);
  if (standing === 'free' || standing === 'own') return false;
  const actor = { accountId, address };
  const detail = { provider: slug, standing };
  await audit.record({ action: 'identity.key-refused', outcome: 'refused', actor, subjectId: accountId, detail });
  return true;
}
