import { isDeepStrictEqual } from 'node:util';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import {
  type ClientRestriction,
  type OAuthClient,
  OAuthClientEntity,
  OAuthClientSecretEntity,
} from '../../entities/oauth-client.entity.js';
import { OAuthConsentEntity } from '../../entities/oauth-consent.entity.js';
import { OidcArtifactEntity } from '../../entities/oidc-artifact.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditAction, AuditService } from '../audit/audit.service.js';
import { type CheckSector, type ClientInput, parseClientInput } from './input.js';
import type { ParseClient } from './parse-client.js';
import { parseRestriction } from './restriction.js';
import { sectorIdentifierUriOf } from './subject-metadata.js';

/** What changes of a client; what is left out stays. Null takes an owner or an address away. */
export interface ClientPatch extends Partial<Omit<ClientInput, 'type' | 'ownerId' | 'backchannelLogoutUri'>> {
  ownerId?: string | null;
  backchannelLogoutUri?: string | null;
}

/** What administrators do with a client that is there. Each act is one transaction, with its audit record. */
export interface OAuthClientAdministration {
  /**
   * @throws {@link NotFoundError} when there is no such client
   * @throws `InvalidInputError` naming the field
   */
  update(clientId: string, patch: ClientPatch, actor: Actor): Promise<OAuthClient>;
  /**
   * Ends one secret at once.
   *
   * @throws {@link NotFoundError} when the client, or a valid secret of it by that id, is not there
   */
  revokeSecret(clientId: string, secretId: string, actor: Actor): Promise<OAuthClient>;
  /**
   * Holds a client to restricted tokens. What it has of tokens ends.
   *
   * @throws {@link NotFoundError} when there is no such client
   * @throws `InvalidInputError` naming the field
   */
  restrict(clientId: string, restriction: ClientRestriction, actor: Actor): Promise<OAuthClient>;
  /** Lets a client have ordinary tokens again. @throws {@link NotFoundError} when there is no such client */
  unrestrict(clientId: string, actor: Actor): Promise<OAuthClient>;
  /** Ends every code, token and grant of a client. @returns how many codes and tokens there were */
  revokeTokens(clientId: string, actor: Actor): Promise<{ client: OAuthClient; revoked: number }>;
  /** Removes a client with its secrets, tokens and the consent that people gave it. */
  remove(clientId: string, actor: Actor): Promise<void>;
}

export function createOAuthClientAdministration({
  orm,
  clock,
  audit,
  parse,
  checkSector,
  changes,
}: {
  orm: MikroORM;
  clock: Clock;
  audit: AuditService;
  parse: ParseClient;
  checkSector: CheckSector;
  changes: Pick<ChangeFeed, 'everyoneHeard'>;
}): OAuthClientAdministration {
  /** Answers when it holds in all processes. */
  const change = async <Result>(
    clientId: string,
    act: (tx: EntityManager, client: OAuthClient) => Promise<Result>,
  ): Promise<Result> => {
    const result = await orm.em.fork().transactional(async (tx) => {
      const client = await tx.findOne(OAuthClientEntity, { clientId });
      if (!client) throw new NotFoundError('There is no such client.');
      const result = await act(tx, client);
      await tx.flush();
      await publishChange(tx, { topic: 'oauth-client', clientId });
      return result;
    });
    await changes.everyoneHeard();
    return result;
  };

  const record = (tx: EntityManager, action: AuditAction, { clientId }: OAuthClient, actor: Actor, detail = {}) =>
    audit.record({ action, outcome: 'success', actor, subjectId: null, detail: { client: clientId, ...detail } }, tx);

  return {
    update: async (clientId, patch, actor) => {
      const before = await orm.em.fork().findOne(OAuthClientEntity, { clientId });
      const checked = before && parseClientInput(patched(before, patch));
      if (checked) await checkSector({ ...checked, clientId });
      return change(clientId, async (tx, client) => {
        const fields = await parse(tx, clientId, patched(client, patch));
        if (sectorIdentifierUriOf(fields.metadata) !== null && !isDeepStrictEqual(fields, checked))
          throw new ConflictError('The client was changed at the same time. Look at it again.');
        tx.assign(client, fields);
        await record(tx, 'client.changed', client, actor, { fields: Object.keys(patch) });
        return client;
      });
    },
    revokeSecret: (clientId, secretId, actor) =>
      change(clientId, async (tx, client) => {
        const now = clock();
        const ended = await tx.nativeUpdate(
          OAuthClientSecretEntity,
          { id: secretId, oauthClientId: client.id, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] },
          { expiresAt: now },
        );
        if (ended === 0) throw new NotFoundError('The client has no such secret, or it has ended already.');
        await record(tx, 'client.secret-revoked', client, actor, { secretId });
        return client;
      }),
    restrict: (clientId, restriction, actor) =>
      change(clientId, async (tx, client) => {
        client.restriction = parseRestriction(restriction, client);
        await endTokens(tx, client);
        await record(tx, 'client.restricted', client, actor, { ...client.restriction });
        return client;
      }),
    unrestrict: (clientId, actor) =>
      change(clientId, async (tx, client) => {
        client.restriction = null;
        await record(tx, 'client.unrestricted', client, actor);
        return client;
      }),
    revokeTokens: (clientId, actor) =>
      change(clientId, async (tx, client) => {
        const revoked = await tx.count(OidcArtifactEntity, { clientId, model: { $ne: 'Grant' } });
        await endTokens(tx, client);
        await record(tx, 'client.tokens-revoked', client, actor, { revoked });
        return { client, revoked };
      }),
    remove: (clientId, actor) =>
      change(clientId, async (tx, client) => {
        await endTokens(tx, client);
        await tx.nativeDelete(OAuthConsentEntity, { clientId });
        await tx.nativeDelete(OAuthClientEntity, { id: client.id });
        await record(tx, 'client.deleted', client, actor, { name: client.name });
        tx.clear();
      }),
  };
}

/** Ends every code, token and grant of a client. @returns how many rows there were */
export function endTokens(tx: EntityManager, { clientId }: OAuthClient): Promise<number> {
  return tx.nativeDelete(OidcArtifactEntity, { clientId });
}

/** A stored client, with what changes of it, as if somebody had asked for it anew. */
function patched(client: OAuthClient, { ownerId, backchannelLogoutUri, ...patch }: ClientPatch): ClientInput {
  const { id: _id, createdAt: _created, updatedAt: _updated, clientId: _clientId, restriction: _, ...stored } = client;
  const owner = ownerId === undefined ? stored.ownerId : ownerId;
  const logoutUri = backchannelLogoutUri === undefined ? stored.backchannelLogoutUri : backchannelLogoutUri;
  const { ownerId: _owner, backchannelLogoutUri: _logoutUri, ...kept } = stored;
  return { ...kept, ...patch, ...(owner && { ownerId: owner }), ...(logoutUri && { backchannelLogoutUri: logoutUri }) };
}
