import { isDeepStrictEqual } from 'node:util';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { ChangeFeed } from '../../changes/change-feed.js';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import {
  type ClientRestriction,
  type OAuthClient,
  OAuthClientEntity,
  type OAuthClientSecret,
  OAuthClientSecretEntity,
} from '../../entities/oauth-client.entity.js';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditAction, AuditService } from '../audit/audit.service.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { createOAuthClientAdministration, endTokens, type OAuthClientAdministration } from './administration.js';
import { type CheckClient, type CheckSector, type ClientFields, type ClientInput, parseClientInput } from './input.js';
import { createOAuthClientInsights, type OAuthClientInsights } from './insights.js';
import { createParseClient } from './parse-client.js';
import { parseRestriction } from './restriction.js';
import { generateClientId, generateClientSecret, hashClientSecret, isClientSecret, secretHint } from './secret.js';
import { hasSecret } from './security-profile.js';

/** A client with the id, and the secret, that somebody has already. */
export interface ClientSpec extends ClientInput {
  clientId: string;
  secret?: string;
  /** What it is held to; null for nothing. Stays as it is when left out. */
  restriction?: ClientRestriction | null;
}

export interface EnsuredClient {
  outcome: 'created' | 'updated' | 'unchanged';
  /** Names of the fields that were others before, each of the metadata by itself; `secret` when that is new, `restriction` when it is
   * held to something else. */
  changed: string[];
}

export interface OAuthClientService extends OAuthClientAdministration, OAuthClientInsights {
  /**
   * Makes a client.
   *
   * @returns the client and, unless it is public or proves itself by a key, its secret: shown this once, kept as hash
   * @throws {@link InvalidInputError} naming the field
   */
  create(input: ClientInput, actor: Actor): Promise<{ client: OAuthClient; secret?: string }>;
  /**
   * Gives a client a new secret. Those before stay valid for the overlap, so that the new one can be brought to where it is used.
   *
   * @param options - `overlapSeconds`: a day unless given; 0 ends the others at once
   * @throws {@link NotFoundError} when there is no such client
   * @throws {@link InvalidInputError} when the client has no use for a secret
   */
  rotateSecret(
    clientId: string,
    actor: Actor,
    options?: { overlapSeconds?: number },
  ): Promise<{ client: OAuthClient; secret: string }>;
  /**
   * Makes a client with a given id and secret, or brings the one there is in line: a secret is added and none taken away,
   * everything else becomes what is asked. Safe to repeat, and from several processes at once.
   *
   * @param options - `keepsRedirectUris`: those the client has stay beside those of the spec; `isDryRun`: only says what it would do
   * @throws {@link InvalidInputError} naming the field
   */
  ensure(
    spec: ClientSpec,
    actor: Actor,
    options?: { keepsRedirectUris?: boolean; isDryRun?: boolean },
  ): Promise<EnsuredClient>;
  findByClientId(clientId: string): Promise<OAuthClient | null>;
  findByClientIds(clientIds: readonly string[]): Promise<OAuthClient[]>;
  /** By row ids. */
  findByIds(ids: readonly string[]): Promise<OAuthClient[]>;
  list(page: PageRequest): Promise<Page<OAuthClient>>;
  /** The secrets that are still valid, newest first. */
  secretsOf(clientRowIds: readonly string[]): Promise<OAuthClientSecret[]>;
}

const defaultOverlapSeconds = 24 * 3600;

export function createOAuthClientService({
  orm,
  clock,
  secretKeys,
  audit,
  checkClient,
  checkSector,
  changes,
}: {
  orm: MikroORM;
  clock: Clock;
  /** Secrets of the process, newest first. */
  secretKeys: readonly string[];
  audit: AuditService;
  checkClient: CheckClient;
  checkSector: CheckSector;
  changes: Pick<ChangeFeed, 'everyoneHeard'>;
}): OAuthClientService {
  const parse = createParseClient(checkClient);

  const addSecret = async (tx: EntityManager, client: OAuthClient, secret: string) => {
    await tx.insert(OAuthClientSecretEntity, {
      id: uuidv7(),
      oauthClientId: client.id,
      hash: hashClientSecret(secretKeys, secret),
      hint: secretHint(secret),
      createdAt: clock(),
      expiresAt: null,
      lastUsedAt: null,
    });
  };

  const insert = async (tx: EntityManager, clientId: string, fields: ClientFields) => {
    const client = tx.create(OAuthClientEntity, { clientId, ...fields });
    await tx.persist(client).flush();
    return client;
  };

  const settle = async (tx: EntityManager, client: OAuthClient, action: AuditAction, actor: Actor, detail: object) => {
    await audit.record(
      { action, outcome: 'success', actor, subjectId: null, detail: { client: client.clientId, ...detail } },
      tx,
    );
    await publishChange(tx, { topic: 'oauth-client', clientId: client.clientId });
  };

  return {
    ...createOAuthClientAdministration({ orm, clock, audit, parse, checkSector, changes }),
    ...createOAuthClientInsights({ orm, clock }),
    create: async (input, actor) => {
      const clientId = generateClientId();
      await checkSector({ ...parseClientInput(input), clientId });
      return orm.em.fork().transactional(async (tx) => {
        const fields = await parse(tx, clientId, input);
        const client = await insert(tx, clientId, fields);
        const secret = hasSecret(client) ? generateClientSecret() : undefined;
        if (secret !== undefined) await addSecret(tx, client, secret);
        await settle(tx, client, 'client.created', actor, { name: client.name, scopes: client.scopes });
        return { client, ...(secret !== undefined && { secret }) };
      });
    },

    rotateSecret: async (clientId, actor, { overlapSeconds = defaultOverlapSeconds } = {}) => {
      const rotated = await orm.em.fork().transactional(async (tx) => {
        const client = await tx.findOne(OAuthClientEntity, { clientId });
        if (!client) throw new NotFoundError('There is no such client.');
        if (!hasSecret(client))
          throw new InvalidInputError('This client has no secret.', { field: ['clientId'], reason: 'HAS_NO_SECRET' });
        const endOfOverlap = new Date(clock().getTime() + overlapSeconds * 1000);
        await tx.nativeUpdate(
          OAuthClientSecretEntity,
          { oauthClientId: client.id, $or: [{ expiresAt: null }, { expiresAt: { $gt: endOfOverlap } }] },
          { expiresAt: endOfOverlap },
        );
        const secret = generateClientSecret();
        await addSecret(tx, client, secret);
        await settle(tx, client, 'client.secret-rotated', actor, { othersEndAt: endOfOverlap.toISOString() });
        return { client, secret };
      });
      // A secret without overlap counts nowhere any more.
      await changes.everyoneHeard();
      return rotated;
    },

    ensure: async (spec, actor, { keepsRedirectUris = false, isDryRun = false } = {}) => {
      const { clientId, secret, restriction, ...input } = spec;
      checkGivenId(clientId);
      if (secret !== undefined) checkGivenSecret(secret);
      const joined = (existing: OAuthClient | null): ClientInput => {
        const kept = keepsRedirectUris ? (existing?.redirectUris ?? []) : [];
        return { ...input, redirectUris: [...kept, ...(input.redirectUris ?? [])] };
      };
      const before = await orm.em.fork().findOne(OAuthClientEntity, { clientId });
      await checkSector({ ...parseClientInput(joined(before)), clientId });
      const ensured = await orm.em.fork().transactional(async (tx) => {
        await lockUntilCommit(tx, `oauth-client:${clientId}`);
        const existing = await tx.findOne(OAuthClientEntity, { clientId });
        const fields = await parse(tx, clientId, joined(existing));
        if (secret !== undefined && !hasSecret(fields))
          throw new InvalidInputError('This client has no secret.', { field: ['secret'], reason: 'HAS_NO_SECRET' });
        const isNewSecret = secret !== undefined && !(existing && (await isSecretKnown(tx, existing, secret)));
        const held = existing?.restriction ?? null;
        const wanted = restriction ? parseRestriction(restriction, fields) : (restriction ?? undefined);
        const isOtherRestriction = restriction !== undefined && !isDeepStrictEqual(held, wanted ?? null);
        const changedFields = [
          ...(existing ? differences(fieldsOf(existing), fields) : []),
          ...(isNewSecret ? ['secret'] : []),
        ];
        const changed = [...changedFields, ...(existing && isOtherRestriction ? ['restriction'] : [])];
        const outcome: EnsuredClient['outcome'] = existing ? (changed.length > 0 ? 'updated' : 'unchanged') : 'created';
        if (isDryRun || outcome === 'unchanged') return { outcome, changed, isOtherRestriction: false };
        const client = existing ? tx.assign(existing, fields) : await insert(tx, clientId, fields);
        await tx.flush();
        if (isNewSecret) await addSecret(tx, client, secret);
        const detail = existing ? { fields: changedFields } : { name: client.name, scopes: client.scopes };
        if (!existing || changedFields.length > 0)
          await settle(tx, client, existing ? 'client.changed' : 'client.created', actor, detail);
        if (isOtherRestriction) await hold(tx, client, wanted ?? null, actor);
        return { outcome, changed, isOtherRestriction };
      });
      // As for the act by itself: whoever was told relies on it, whichever process is asked.
      if (ensured.isOtherRestriction) await changes.everyoneHeard();
      return { outcome: ensured.outcome, changed: ensured.changed };
    },

    findByClientId: (clientId) => orm.em.fork().findOne(OAuthClientEntity, { clientId }),
    findByClientIds: (clientIds) => orm.em.fork().find(OAuthClientEntity, { clientId: { $in: [...clientIds] } }),
    findByIds: (ids) => orm.em.fork().find(OAuthClientEntity, { id: { $in: [...ids] } }),
    list: (page) => findPage(orm.em.fork(), OAuthClientEntity, {}, page),
    secretsOf: (clientRowIds) =>
      orm.em
        .fork()
        .find(
          OAuthClientSecretEntity,
          { oauthClientId: { $in: [...clientRowIds] }, $or: [{ expiresAt: null }, { expiresAt: { $gt: clock() } }] },
          { orderBy: { createdAt: 'desc', id: 'desc' } },
        ),
  };

  /** In the transaction of what else changes: there is no moment in which a client has more than it shall be held to. */
  async function hold(
    tx: EntityManager,
    client: OAuthClient,
    restriction: ClientRestriction | null,
    actor: Actor,
  ): Promise<void> {
    client.restriction = restriction;
    await tx.flush();
    if (!restriction) return settle(tx, client, 'client.unrestricted', actor, {});
    await endTokens(tx, client);
    await settle(tx, client, 'client.restricted', actor, restriction);
  }

  async function isSecretKnown(tx: EntityManager, client: OAuthClient, secret: string): Promise<boolean> {
    const rows = await tx.find(OAuthClientSecretEntity, { oauthClientId: client.id });
    const now = clock();
    return rows.some(
      ({ hash, expiresAt }) => (!expiresAt || expiresAt > now) && isClientSecret(secretKeys, secret, hash),
    );
  }
}

function fieldsOf(client: OAuthClient): ClientFields {
  const {
    id: _id,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    clientId: _clientId,
    restriction: _restriction,
    ...fields
  } = client;
  return fields;
}

function differences(before: ClientFields, after: ClientFields): string[] {
  const { metadata: metadataBefore, ...othersBefore } = before;
  const { metadata: metadataAfter, ...othersAfter } = after;
  return [
    ...keysThatDiffer(othersBefore, othersAfter),
    ...keysThatDiffer(metadataBefore, metadataAfter).map((key) => `metadata.${key}`),
  ];
}

function keysThatDiffer(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys({ ...before, ...after });
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

function checkGivenId(clientId: string): void {
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(clientId))
    throw new InvalidInputError('A client id has 1 to 100 letters, digits, dots, hyphens and underscores.', {
      field: ['clientId'],
    });
}

function checkGivenSecret(secret: string): void {
  if (!/^[\x21-\x7e]{8,255}$/.test(secret))
    throw new InvalidInputError('A client secret has 8 to 255 printable ASCII characters.', { field: ['secret'] });
}
