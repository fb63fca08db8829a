import type { MikroORM } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import type { ClientMetadata } from 'oidc-provider';
import type { ChangeFeed } from '../../changes/change-feed.js';
import type { Clock } from '../../clock.js';
import { isEqualSecret, randomSecret, sha256 } from '../../crypto/hash.js';
import {
  type OAuthClient,
  OAuthClientEntity,
  type OAuthClientSecret,
  OAuthClientSecretEntity,
} from '../../entities/oauth-client.entity.js';
import { prepareRead } from '../../entities/prepared-rows.js';
import type { Logger } from '../../logger.js';
import { hashClientSecret, isClientSecret } from '../../services/oauth-client/secret.js';
import { isStorableId } from '../storage/payload.js';
import { clientMetadata } from './metadata.js';

interface RegisteredClient {
  row: OAuthClient;
  secrets: OAuthClientSecret[];
  metadata: ClientMetadata;
  /** sha256 of secrets that were found right, by their ids; as good as the keyed hashes, for as long as they are in memory. */
  known: Map<string, string>;
}

/** OAuth clients as the provider asks for them: often. */
export interface ClientRegistry extends Disposable {
  metadataOf(clientId: string): Promise<ClientMetadata | undefined>;
  /** The account that a client's own tokens act as. */
  ownerOf(clientId: string): Promise<string | undefined>;
  /** A client as it is stored. */
  find(clientId: string): Promise<OAuthClient | undefined>;
  isSecretOf(clientId: string, secret: string): Promise<boolean>;
  /** The client of a name; the oldest, where several have it. */
  findByName(name: string): Promise<OAuthClient | undefined>;
  namesOf(clientIds: readonly string[]): Promise<Map<string, string>>;
}

/** Changes arrive by the feed; this bounds how long a lost one can matter. */
const cacheTtlMs = 30_000;
/** How exactly the last use of a secret is known. Writing it down each time would be a write for each token. */
const lastUseGrainMs = 10 * 60_000;

const readClient = prepareRead(OAuthClientEntity, { name: 'oauth_client_of_id', rest: 'where client_id = $1' });
const readSecrets = prepareRead(OAuthClientSecretEntity, {
  name: 'oauth_client_secrets_of_id',
  rest: 'where oauth_client_id = (select id from oauth_client where client_id = $1) order by id',
});

/** Reads clients from the database and keeps them until the change feed says that they changed. */
export function createClientRegistry({
  orm,
  clock,
  changes,
  logger,
  secretKeys,
}: {
  orm: MikroORM;
  clock: Clock;
  changes: ChangeFeed;
  logger: Logger;
  secretKeys: readonly string[];
}): ClientRegistry {
  // Were a symmetric algorithm ever allowed, its key would be this: known to nobody, not even to the next process.
  const secretStandIn = randomSecret();
  const cache = new LRUCache<string, RegisteredClient>({ max: 1000, ttl: cacheTtlMs });
  let changesSeen = 0;
  const unsubscribe = changes.subscribe((change) => {
    if (change.topic !== 'oauth-client') return;
    changesSeen++;
    cache.delete(change.clientId);
  });
  const stopResync = changes.onResync(() => {
    changesSeen++;
    cache.clear();
  });

  const load = async (clientId: string): Promise<RegisteredClient | undefined> => {
    const [[row], secrets] = await Promise.all([readClient(orm.em, clientId), readSecrets(orm.em, clientId)]);
    if (!row) return undefined;
    return { row, secrets, metadata: clientMetadata(row, secretStandIn), known: new Map() };
  };
  const find = async (clientId: string) => {
    const cached = cache.get(clientId);
    if (cached || !isStorableId(clientId)) return cached;
    const before = changesSeen;
    const client = await load(clientId);
    // What was read before a change came must not outlive it.
    if (client && before === changesSeen) cache.set(clientId, client);
    return client;
  };

  const noteUse = async (secret: OAuthClientSecret, given: string) => {
    const now = clock();
    if (secret.lastUsedAt && now.getTime() - secret.lastUsedAt.getTime() < lastUseGrainMs) return;
    secret.lastUsedAt = now;
    // Hashed anew on the way, so that retired secret keys can be dropped from the settings one day.
    await orm.em
      .fork()
      .nativeUpdate(
        OAuthClientSecretEntity,
        { id: secret.id },
        { lastUsedAt: now, hash: hashClientSecret(secretKeys, given) },
      );
  };

  return {
    metadataOf: async (clientId) => (await find(clientId))?.metadata,
    ownerOf: async (clientId) => (await find(clientId))?.row.ownerId ?? undefined,
    find: async (clientId) => (await find(clientId))?.row,
    async isSecretOf(clientId, given) {
      const client = await find(clientId);
      const now = clock();
      const digest = sha256(given);
      const match = client?.secrets.find(({ id, hash, expiresAt }) => {
        if (expiresAt && expiresAt <= now) return false;
        return isEqualSecret(client.known.get(id) ?? '', digest) || isClientSecret(secretKeys, given, hash);
      });
      if (!client || !match) return false;
      client.known.set(match.id, digest);
      noteUse(match, given).catch((error) => logger.warn({ err: error }, 'could not note the use of a client secret'));
      return true;
    },
    findByName: async (name) =>
      (await orm.em.fork().findOne(OAuthClientEntity, { name }, { orderBy: { id: 'asc' } })) ?? undefined,
    async namesOf(clientIds) {
      const rows = await orm.em.fork().find(OAuthClientEntity, { clientId: { $in: [...clientIds] } });
      return new Map(rows.map((row) => [row.clientId, row.name]));
    },
    [Symbol.dispose]() {
      unsubscribe();
      stopResync();
    },
  };
}
