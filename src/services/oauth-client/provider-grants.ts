import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { type ClientProvider, ClientProviderEntity } from '../../entities/client-provider.entity.js';
import { type OAuthClient, OAuthClientEntity } from '../../entities/oauth-client.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

/** Which identity providers' ID mapping a client may read with its own tokens. Nothing of it is cached: it counts at once. */
export interface ProviderGrantService {
  isGranted(clientId: string, providerId: string): Promise<boolean>;
  /** Of clients by their row ids, in the order of providers. */
  ofClients(clientRowIds: readonly string[]): Promise<ClientProvider[]>;
  /** The providers of one client, in order; none, when there is no such client. */
  ofClient(clientId: string): Promise<string[]>;
  /** Gives a client these providers and takes all others from it. @throws as {@link ProviderGrantService.grant} */
  set(clientId: string, providerIds: readonly string[], actor: Actor): Promise<OAuthClient>;
  /**
   * Safe to repeat.
   *
   * @throws {@link NotFoundError} when there is no such client
   * @throws {@link InvalidInputError} naming `providerId`
   */
  grant(clientId: string, providerId: string, actor: Actor): Promise<OAuthClient>;
  /** Safe to repeat. @throws {@link NotFoundError} when there is no such client */
  revoke(clientId: string, providerId: string, actor: Actor): Promise<OAuthClient>;
}

/** As many as Open edX keeps of an application's filters. */
const mostProviders = 25;

export function createProviderGrantService({
  orm,
  audit,
}: {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
}): ProviderGrantService {
  const change = (clientId: string, act: (tx: EntityManager, client: OAuthClient) => Promise<void>) =>
    orm.em.fork().transactional(async (tx) => {
      await lockUntilCommit(tx, `oauth-client:${clientId}`);
      const client = await tx.findOne(OAuthClientEntity, { clientId });
      if (!client) throw new NotFoundError('There is no such client.');
      await act(tx, client);
      return client;
    });

  return {
    async isGranted(clientId, providerId) {
      const [row] = await orm.em.fork().execute<object[]>(
        `select 1 from client_provider granted join oauth_client client on client.id = granted.oauth_client_id
         where client.client_id = ? and granted.provider_id = ?`,
        [clientId, providerId],
      );
      return row !== undefined;
    },
    ofClients: (clientRowIds) =>
      orm.em
        .fork()
        .find(ClientProviderEntity, { oauthClientId: { $in: [...clientRowIds] } }, { orderBy: { providerId: 'asc' } }),
    async ofClient(clientId) {
      const em = orm.em.fork();
      const client = await em.findOne(OAuthClientEntity, { clientId });
      return client ? providersOf(em, client) : [];
    },
    set: (clientId, providerIds, actor) =>
      change(clientId, async (tx, client) => {
        requireProviderIds(providerIds);
        const held = await providersOf(tx, client);
        for (const id of held) if (!providerIds.includes(id)) await take(tx, client, id, actor);
        for (const id of new Set(providerIds)) if (!held.includes(id)) await give(tx, client, id, actor);
      }),
    grant: (clientId, providerId, actor) =>
      change(clientId, async (tx, client) => {
        const held = await providersOf(tx, client);
        requireProviderIds([...held, providerId]);
        if (!held.includes(providerId)) await give(tx, client, providerId, actor);
      }),
    revoke: (clientId, providerId, actor) => change(clientId, (tx, client) => take(tx, client, providerId, actor)),
  };

  async function give(tx: EntityManager, client: OAuthClient, providerId: string, actor: Actor): Promise<void> {
    await tx.persist(tx.create(ClientProviderEntity, { oauthClientId: client.id, providerId })).flush();
    await record(tx, 'client.provider-granted', client, providerId, actor);
  }

  async function take(tx: EntityManager, client: OAuthClient, providerId: string, actor: Actor): Promise<void> {
    const gone = await tx.nativeDelete(ClientProviderEntity, { oauthClientId: client.id, providerId });
    if (gone > 0) await record(tx, 'client.provider-revoked', client, providerId, actor);
  }

  function record(
    tx: EntityManager,
    action: 'client.provider-granted' | 'client.provider-revoked',
    { clientId }: OAuthClient,
    provider: string,
    actor: Actor,
  ): Promise<void> {
    const detail = { client: clientId, provider };
    return audit.record({ action, outcome: 'success', actor, subjectId: null, detail }, tx);
  }
}

async function providersOf(em: EntityManager, client: OAuthClient): Promise<string[]> {
  const rows = await em.find(ClientProviderEntity, { oauthClientId: client.id }, { orderBy: { providerId: 'asc' } });
  return rows.map(({ providerId }) => providerId);
}

/**
 * Checks what a client would be granted.
 *
 * @param field - what the input calls them
 * @throws {@link InvalidInputError} naming the field
 */
export function requireProviderIds(providerIds: readonly string[], field = 'providerId'): void {
  if (new Set(providerIds).size > mostProviders)
    throw refuse(field, 'TOO_MANY', `A client can be granted ${mostProviders} providers at most.`);
  if (!providerIds.every((id) => id.length <= 255 && /^[\w.]+-[\w.+-]+$/.test(id)))
    throw refuse(field, 'INVALID', 'A provider is named as the LMS names it, e.g. oa2-ol-oauth2 or saml-school.');
}

function refuse(field: string, reason: string, message: string): InvalidInputError {
  return new InvalidInputError(message, { field: [field], reason });
}
