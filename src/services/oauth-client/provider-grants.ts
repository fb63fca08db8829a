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
    grant: (clientId, providerId, actor) =>
      change(clientId, async (tx, client) => {
        checkProviderId(providerId);
        const granted = await tx.find(ClientProviderEntity, { oauthClientId: client.id });
        if (granted.some((row) => row.providerId === providerId)) return;
        if (granted.length >= mostProviders)
          throw refuse('TOO_MANY', `A client can be granted ${mostProviders} providers at most.`);
        await tx.persist(tx.create(ClientProviderEntity, { oauthClientId: client.id, providerId })).flush();
        await record(tx, 'client.provider-granted', client, providerId, actor);
      }),
    revoke: (clientId, providerId, actor) =>
      change(clientId, async (tx, client) => {
        const gone = await tx.nativeDelete(ClientProviderEntity, { oauthClientId: client.id, providerId });
        if (gone > 0) await record(tx, 'client.provider-revoked', client, providerId, actor);
      }),
  };

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

function checkProviderId(providerId: string): void {
  if (!/^[\w.]+-[\w.+-]+$/.test(providerId) || providerId.length > 255)
    throw refuse('INVALID', 'A provider is named as the LMS names it, e.g. oa2-ol-oauth2 or saml-school.');
}

function refuse(reason: string, message: string): InvalidInputError {
  return new InvalidInputError(message, { field: ['providerId'], reason });
}
