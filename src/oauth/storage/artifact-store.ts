import { errors } from 'oidc-provider';
import type { AccessFact } from '../../changes/change.js';
import type { Clock } from '../../clock.js';
import { isEqualSecret, keyedHash, randomSecret, sha256 } from '../../crypto/hash.js';
import type { AuditEvent } from '../../services/audit/audit.service.js';
import { createFindArtifact, type FoundArtifact, type OwnerReads } from './artifact-reads.js';
import { statements } from './artifact-statements.js';
import { type ArtifactRow, createWriteArtifacts } from './artifact-writes.js';
import { createDoubts, type Doubts } from './doubts.js';
import { isStorableId, type Payload, serializePayload, textOf } from './payload.js';
import type { RunStatement } from './statements.js';
import type { TellEnded } from './tell-ended.js';

/** Models whose id is itself the credential: only its sha256 is stored, and the payload does not repeat it. */
const bearerModels = new Set([
  'AccessToken',
  'RefreshToken',
  'AuthorizationCode',
  'DeviceCode',
  'ClientCredentials',
  'PushedAuthorizationRequest',
  'Interaction',
]);

/** What somebody may be let in by. */
const accessModels = new Set(['AccessToken', 'ClientCredentials']);

/** Made once and, but for being used, never written again; the others may change while somebody else writes them, too. */
const writtenOnce = new Set(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'ClientCredentials']);

/** Something to be stored. */
export interface NewArtifact {
  model: string;
  id: string;
  payload: Payload;
  expiresInSeconds: number | undefined;
}

/** What the provider stores of every model but Session and Client. */
export interface ArtifactStore {
  upsert(model: string, id: string, payload: Payload, expiresInSeconds: number | undefined): Promise<void>;
  /** Stores what a request is given, with the record of it: both, or neither. For models that are written once. */
  issue(issued: readonly NewArtifact[], acts: readonly AuditEvent[]): Promise<void>;
  /** @param onFound - told of all that was found with it */
  find(model: string, id: string, onFound?: (found: FoundArtifact) => void): Promise<Payload | undefined>;
  /** Finds with all that is read with it; `payload` is without the id. */
  findWhole(model: string, id: string): Promise<FoundArtifact | undefined>;
  /** Finds by what is stored in place of the id; what it answers is without the id. */
  findByKey(model: string, key: string): Promise<Payload | undefined>;
  /** Marks as used, exactly once. @throws `InvalidGrant`, or `InvalidRequestUri` for a pushed request, to everyone but the first */
  consume(model: string, id: string): Promise<void>;
  /** Marks as used, as {@link consume} does, and stores what is given for it, with the record of that: all, or nothing. */
  exchange(
    used: { model: string; id: string },
    issued: readonly NewArtifact[],
    acts?: readonly AuditEvent[],
  ): Promise<void>;
  destroy(model: string, id: string): Promise<void>;
  /** Under which id a bearer artifact is stored; tells nothing of the artifact's value. */
  storedIdOf(id: string): string;
  /**
   * @param storedId - see {@link storedIdOf}
   * @returns a name by which this process finds, consumes and destroys what is stored there; worth nothing anywhere else
   */
  nameOf(storedId: string): string;
  revokeByGrantId(model: string, grantId: string): Promise<void>;
  /** Ends grants with every code and token under them. */
  revokeGrants(grantIds: readonly string[]): Promise<void>;
  /** Ends every code and token under a grant; the grant itself stays. */
  revokeTokensOfGrant(grantId: string): Promise<void>;
  /** Ends everything of an account but what is under the grants to keep. */
  revokeOfAccount(accountId: string, keptGrantIds: readonly string[]): Promise<void>;
  /** Ends everything that one client holds of an account. @returns whether there was anything */
  revokeOfClient(accountId: string, clientId: string): Promise<boolean>;
  /** The scopes of grants, by their ids; of those that exist. */
  grantScopes(grantIds: readonly string[]): Promise<Map<string, Set<string>>>;
}

/**
 * Keeps artifacts in `oidc_artifact`, one statement for each operation or for several at a time.
 *
 * @param tellEnded - told of what has ended; how it ends otherwise is heard from the database
 */
export function createArtifactStore({
  run,
  clock,
  doubts = createDoubts(),
  tellEnded = async () => {},
  owners,
}: {
  run: RunStatement;
  clock: Clock;
  doubts?: Doubts;
  tellEnded?: TellEnded;
  owners?: OwnerReads;
}): ArtifactStore {
  const findArtifact = createFindArtifact(run, owners);
  const write = createWriteArtifacts(run);
  const namingKey = randomSecret();
  const proofOf = (storedId: string) => keyedHash(namingKey, 'stored-id', storedId);
  const keyOf = (model: string, id: string) => {
    if (!bearerModels.has(model)) return id;
    const [storedId = '', proof, ...more] = id.split('.');
    if (proof === undefined || more.length > 0 || !isEqualSecret(proof, proofOf(storedId))) return sha256(id);
    return storedId;
  };
  const revokeGrants = async (grantIds: readonly string[]) => {
    if (grantIds.length === 0) return;
    await run(statements.revokeGrants, [grantIds]);
    await tellEnded(...grantIds.map((id): AccessFact => `grant:${id}`));
  };
  const findByKey: ArtifactStore['find'] = async (model, key, onFound) => {
    await doubts.settle(key);
    const found = await findArtifact(model, key);
    if (!found) return undefined;
    const { payload, consumed } = found;
    onFound?.(found);
    return consumed === null ? payload : { ...payload, consumed: Math.floor(consumed) };
  };
  const expiryOf = (now: Date, expiresInSeconds: number | undefined) =>
    expiresInSeconds === undefined ? null : new Date(now.getTime() + expiresInSeconds * 1000);
  const rowOf = ({ model, id, payload, expiresInSeconds }: NewArtifact): ArtifactRow => {
    const createdAt = clock();
    return {
      model,
      key: keyOf(model, id),
      grantId: textOf(payload.grantId),
      accountId: textOf(payload.accountId),
      clientId: textOf(payload.clientId),
      payload: serializePayload(withoutId(model, id, payload)),
      expiresAt: expiryOf(createdAt, expiresInSeconds),
      createdAt,
    };
  };
  const tellUsed = async (model: string, key: string): Promise<never> => {
    if (model === 'AuthorizationCode') {
      // RFC 6749 4.1.2: a code that comes twice is in two hands, so what it gave to the first is taken back.
      const [row] = await run<{ grantId: string | null }>(statements.grantOf, [model, key]);
      await revokeGrants(row?.grantId ? [row.grantId] : []);
    }
    throw model === 'PushedAuthorizationRequest'
      ? new errors.InvalidRequestUri('request_uri was used already')
      : new errors.InvalidGrant('used already');
  };
  return {
    async upsert(model, id, payload, expiresInSeconds) {
      if (writtenOnce.has(model)) {
        await write({ artifacts: [rowOf({ model, id, payload, expiresInSeconds })], acts: [] });
        return;
      }
      const now = clock();
      const expiresAt = expiryOf(now, expiresInSeconds);
      const stored = serializePayload(bearerModels.has(model) ? withoutId(model, id, payload) : payload);
      const key = keyOf(model, id);
      if (model === 'ReplayDetection') {
        const inserted = await run(statements.insertOnce, [model, key, stored, expiresAt, now]);
        if (inserted.length === 0) throw new errors.InvalidRequest('the proof was used already');
        return;
      }
      const { grantId, userCode, accountId, clientId } = payload;
      const columns = [grantId, userCode, accountId, clientId].map(textOf);
      await run(statements.upsert, [model, key, ...columns, stored, expiresAt, now]);
    },
    issue: (issued, acts) => write({ artifacts: issued.map(rowOf), acts }),
    async find(model, id, onFound) {
      if (!isStorableId(id)) return undefined;
      const payload = await findByKey(model, keyOf(model, id), onFound);
      return payload && (bearerModels.has(model) ? withId(model, id, payload) : payload);
    },
    async findWhole(model, id) {
      if (!isStorableId(id)) return undefined;
      const key = keyOf(model, id);
      await doubts.settle(key);
      return findArtifact(model, key);
    },
    findByKey,
    async consume(model, id) {
      const key = keyOf(model, id);
      if ((await run(statements.consume, [model, key, clock()])).length === 0) await tellUsed(model, key);
    },
    async exchange(used, issued, acts = []) {
      const now = clock();
      const rows = issued.map(({ model, id, payload, expiresInSeconds }) => ({
        model,
        id: keyOf(model, id),
        grant_id: payload.grantId,
        account_id: payload.accountId,
        client_id: payload.clientId,
        payload: withoutId(model, id, payload),
        expires_at: expiryOf(now, expiresInSeconds),
      }));
      const key = keyOf(used.model, used.id);
      const exchange = async () => {
        const values = [used.model, key, now, serializePayload(rows), JSON.stringify(acts)];
        if ((await run(statements.exchange, values)).length === 0) await tellUsed(used.model, key);
      };
      // They were told to nobody, so that nobody misses them. Records are never taken back.
      const undo = async () => {
        await run(statements.undoExchange, [used.model, key, rows.map(({ id }) => id)]);
      };
      await doubts.attempt(key, exchange, undo);
    },
    async destroy(model, id) {
      const key = keyOf(model, id);
      await run(statements.destroy, [model, key]);
      if (model === 'Grant') await tellEnded(`grant:${key}`);
      else if (accessModels.has(model)) await tellEnded(`token:${key}`);
    },
    storedIdOf: (id) => sha256(id),
    nameOf: (storedId) => `${storedId}.${proofOf(storedId)}`,
    async revokeByGrantId(model, grantId) {
      await run(statements.revokeByGrantId, [grantId, model]);
      if (accessModels.has(model)) await tellEnded(`grant:${grantId}`);
    },
    revokeGrants,
    async revokeTokensOfGrant(grantId) {
      await run(statements.revokeTokensOfGrant, [grantId]);
      await tellEnded(`grant:${grantId}`);
    },
    async revokeOfAccount(accountId, keptGrantIds) {
      await run(statements.revokeOfAccount, [accountId, keptGrantIds]);
      await tellEnded(`account:${accountId}`);
    },
    async revokeOfClient(accountId, clientId) {
      const revoked = await run(statements.revokeOfClient, [accountId, clientId]);
      await tellEnded(`account:${accountId}`);
      return revoked.length > 0;
    },
    async grantScopes(grantIds) {
      if (grantIds.length === 0) return new Map();
      const rows = await run<{ id: string; scope: string | null }>(statements.grantScopes, [grantIds]);
      return new Map(rows.map(({ id, scope }) => [id, new Set((scope ?? '').split(' '))]));
    },
  };
}

const idPlaceholder = '{id}';

function withoutId(model: string, id: string, { jti: _jti, ...payload }: Payload): Payload {
  if (model !== 'Interaction') return payload;
  // An interaction repeats its id in the URL to resume at, and would keep the value of the session cookie.
  const { session, returnTo } = payload;
  const { cookie: _cookie, ...origin } = session ?? {};
  return {
    ...payload,
    ...(session && { session: origin }),
    ...(returnTo && { returnTo: returnTo.replace(id, idPlaceholder) }),
  };
}

function withId(model: string, id: string, payload: Payload): Payload {
  const { returnTo } = payload;
  if (model !== 'Interaction' || !returnTo) return { ...payload, jti: id };
  return { ...payload, jti: id, returnTo: returnTo.replace(idPlaceholder, id) };
}
