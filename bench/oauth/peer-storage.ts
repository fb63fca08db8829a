import type { AdapterFactory, AdapterPayload } from 'oidc-provider';
import type pg from 'pg';

/** The one table of the peer; what looks things up by another key than its own gets an index. */
const table = `
  create table artifact (
    key text primary key, grant_id text, uid text, payload jsonb not null, consumed_at timestamptz, expires_at timestamptz);
  create index on artifact (grant_id) where grant_id is not null;
  create index on artifact (uid) where uid is not null;`;

const statements = {
  upsert: `insert into artifact (key, grant_id, uid, payload, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (key) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
  find: `select payload, consumed_at as "consumedAt" from artifact where key = $1`,
  findByUid: `select payload, consumed_at as "consumedAt" from artifact where uid = $1`,
  consume: `update artifact set consumed_at = now() where key = $1`,
  destroy: `delete from artifact where key = $1`,
  revoke: `delete from artifact where grant_id = $1`,
} as const;

interface Row {
  payload: AdapterPayload;
  consumedAt: Date | null;
}

export async function createTable(pool: pg.Pool): Promise<void> {
  await pool.query(table);
}

/** As little as an adapter can be: one prepared statement an operation, ids in clear, nothing in a transaction. */
export function createPeerStorage(pool: pg.Pool): AdapterFactory {
  const run = async (name: keyof typeof statements, values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>({ name, text: statements[name], values })).rows;
  const toPayload = ([row]: Row[]): AdapterPayload | undefined =>
    row && (row.consumedAt ? { ...row.payload, consumed: true } : row.payload);
  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`;
    return {
      async upsert(id, payload, expiresIn) {
        const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000);
        const { grantId, uid } = payload;
        await run('upsert', [keyOf(id), grantId ?? null, uid ?? null, JSON.stringify(payload), expiresAt]);
      },
      find: async (id) => toPayload(await run('find', [keyOf(id)])),
      findByUid: async (uid) => toPayload(await run('findByUid', [uid])),
      findByUserCode: async () => undefined,
      async consume(id) {
        await run('consume', [keyOf(id)]);
      },
      async destroy(id) {
        await run('destroy', [keyOf(id)]);
      },
      async revokeByGrantId(grantId) {
        await run('revoke', [grantId]);
      },
    };
  };
}
