import type { AccessFact } from '../../changes/change.js';
import type { Clock } from '../../clock.js';
import { sha256 } from '../../crypto/hash.js';
import { type AccountJson, accountNamedBy, toAccount } from './account-reads.js';
import type { FoundArtifact } from './artifact-reads.js';
import { isStorableId, type Payload, serializePayload, textOf } from './payload.js';
import type { RunStatement, Statement } from './statements.js';
import type { TellEnded } from './tell-ended.js';

/** Where a session was used from; kept so that its owner recognizes it. */
export interface Visitor {
  userAgent: string | null;
  address: string | null;
}

export interface SessionRow {
  /** sha256 of the cookie value. */
  key: string;
  uid: string;
  accountId: string | null;
  payload: Payload;
  userAgent: string | null;
  address: string | null;
  /** Seconds since the epoch, as are the other times. */
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number | null;
}

/** A session, with what whoever asks for it asks for next. */
export interface FoundSession extends SessionRow, Pick<FoundArtifact, 'grant' | 'account'> {}

const columnsOf = (
  table: string,
) => `${table}.id as key, ${table}.uid, ${table}.account_id as "accountId", ${table}.payload,
  ${table}.user_agent as "userAgent", ${table}.address, extract(epoch from ${table}.created_at)::float8 as "createdAt",
  extract(epoch from ${table}.last_seen_at)::float8 as "lastSeenAt", extract(epoch from ${table}.expires_at)::float8 as "expiresAt"`;
const columns = columnsOf('oidc_session');

const statements = {
  // Two authorizations of one session for different clients may save at the same time: neither forgets the other's client.
  upsert: {
    name: 'oidc_session_upsert',
    text: `insert into oidc_session as old (id, uid, account_id, payload, user_agent, address, created_at, last_seen_at, expires_at)
      values ($1, $2, $3, $4::jsonb, $5, $6, $7, $7, $8)
      on conflict (id) do update set uid = excluded.uid, account_id = excluded.account_id,
        payload = case when old.account_id is not distinct from excluded.account_id and old.payload ? 'authorizations'
          then jsonb_set(excluded.payload, '{authorizations}',
            old.payload -> 'authorizations' || coalesce(excluded.payload -> 'authorizations', '{}'))
          else excluded.payload end,
        user_agent = coalesce(excluded.user_agent, old.user_agent), address = coalesce(excluded.address, old.address),
        last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at`,
  },
  find: {
    name: 'oidc_session_find',
    text: `select ${columns} from oidc_session where id = $1 and expires_at > $2`,
  },
  findWhole: {
    name: 'oidc_session_find_whole',
    text: `select ${columnsOf('session')}, person.account, parent.id as "grantId", parent.payload as grant
      from oidc_session session
      ${accountNamedBy('session.account_id')}
      left join lateral (select id, payload from oidc_artifact where model = 'Grant'
        and id = session.payload #>> array['authorizations', $3, 'grantId'] limit 1) parent on true
      where session.id = $1 and session.expires_at > $2`,
  },
  // Resuming twice at once can leave two rows of one uid; the newest is the one in use.
  findByUid: {
    name: 'oidc_session_find_by_uid',
    text: `select ${columns} from oidc_session where uid = $1 and expires_at > $2 order by last_seen_at desc limit 1`,
  },
  touch: {
    name: 'oidc_session_touch',
    text: `update oidc_session set last_seen_at = $2, expires_at = $3, payload = jsonb_set(payload, '{exp}', to_jsonb($4::bigint))
      where id = $1`,
  },
  noteVisitor: {
    name: 'oidc_session_note_visitor',
    text: `update oidc_session set user_agent = $2, address = $3 where id = $1`,
  },
  destroy: {
    name: 'oidc_session_destroy',
    text: `delete from oidc_session where id = $1 returning ${columns}`,
  },
  listOfAccount: {
    name: 'oidc_session_of_account',
    text: `select ${columns} from oidc_session where account_id = $1 and expires_at > $2 order by last_seen_at desc`,
  },
  takeByUid: {
    name: 'oidc_session_take_by_uid',
    text: `delete from oidc_session where uid = $1 returning ${columns}`,
  },
  takeOfAccount: {
    name: 'oidc_session_take_of_account',
    text: `delete from oidc_session where account_id = $1 and uid is distinct from $2 returning ${columns}`,
  },
} as const;

/** What the provider stores of its Session model, which is the sign-in session of everything. */
export interface SessionStore {
  upsert(id: string, payload: Payload, expiresInSeconds: number, visitor: Visitor | undefined): Promise<void>;
  find(id: string): Promise<SessionRow | undefined>;
  /** Finds with its person, and with what the person allowed one client in it. */
  findWhole(id: string, clientId: string): Promise<FoundSession | undefined>;
  findByUid(uid: string): Promise<SessionRow | undefined>;
  /** Notes that a session was used, and moves its end. */
  touch(key: string, expiresAt: Date): Promise<void>;
  noteVisitor(id: string, visitor: Visitor): Promise<void>;
  destroy(id: string): Promise<void>;
  /** The live sessions of an account, last used first. */
  listOfAccount(accountId: string): Promise<SessionRow[]>;
  /** Removes and answers: whoever gets a row is the one to end what hangs on it. */
  takeByUid(uid: string): Promise<SessionRow[]>;
  takeOfAccount(accountId: string, exceptUid: string | undefined): Promise<SessionRow[]>;
}

/**
 * Keeps sessions in `oidc_session`, by the sha256 of their cookie value.
 *
 * @param tellEnded - told of what has ended
 */
export function createSessionStore(
  run: RunStatement,
  clock: Clock,
  tellEnded: TellEnded = async () => {},
): SessionStore {
  const take = async (statement: Statement, values: readonly unknown[]) => {
    const rows = await run<SessionRow>(statement, values);
    if (rows.length > 0) await tellEnded(...rows.map(({ uid }): AccessFact => `session:${uid}`));
    return rows;
  };
  return {
    async upsert(id, { jti: _jti, ...payload }, expiresInSeconds, visitor) {
      const now = clock();
      const expiresAt = new Date(now.getTime() + expiresInSeconds * 1000);
      await run(statements.upsert, [
        sha256(id),
        textOf(payload.uid),
        textOf(payload.accountId),
        serializePayload(payload),
        visitor?.userAgent ?? null,
        visitor?.address ?? null,
        now,
        expiresAt,
      ]);
    },
    async find(id) {
      if (!isStorableId(id)) return undefined;
      const [row] = await run<SessionRow>(statements.find, [sha256(id), clock()]);
      return row;
    },
    async findWhole(id, clientId) {
      if (!isStorableId(id)) return undefined;
      type Row = SessionRow & { account: AccountJson | null; grantId: string | null; grant: Payload | null };
      const [found] = await run<Row>(statements.findWhole, [sha256(id), clock(), clientId]);
      if (!found) return undefined;
      const { account, grantId, grant, ...row } = found;
      return {
        ...row,
        account: account ? toAccount(account) : undefined,
        grant: grantId !== null && grant ? { id: grantId, payload: grant } : undefined,
      };
    },
    async findByUid(uid) {
      if (!isStorableId(uid)) return undefined;
      const [row] = await run<SessionRow>(statements.findByUid, [uid, clock()]);
      return row;
    },
    async touch(key, expiresAt) {
      await run(statements.touch, [key, clock(), expiresAt, Math.floor(expiresAt.getTime() / 1000)]);
    },
    async noteVisitor(id, { userAgent, address }) {
      await run(statements.noteVisitor, [sha256(id), userAgent, address]);
    },
    async destroy(id) {
      await take(statements.destroy, [sha256(id)]);
    },
    listOfAccount: (accountId) => run<SessionRow>(statements.listOfAccount, [accountId, clock()]),
    takeByUid: (uid) => take(statements.takeByUid, [uid]),
    takeOfAccount: (accountId, exceptUid) => take(statements.takeOfAccount, [accountId, exceptUid ?? null]),
  };
}
