// What Portico's dashboard is compared with, as a process of its own: a REST handler as one would write it by hand for this one page.
// Reads its settings from stdin, prints its URL when it listens.
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import pg from 'pg';
import { type LmsAccess, openLms } from './dashboard-calls.js';

/** What the process is told. */
export interface RestSettings extends LmsAccess {
  databaseUrl: string;
  poolSize: number;
  tokens: readonly { hash: string; username: string }[];
}

const settings: RestSettings = JSON.parse(await text(process.stdin));
// Idle connections stay as long as Portico's.
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize, idleTimeoutMillis: 60_000 });
await pool.query(
  'create table access_token (hash text primary key, username text not null, expires_at timestamptz not null)',
);
await pool.query(
  `insert into access_token select hash, username, now() + interval '1 hour'
   from jsonb_to_recordset($1::jsonb) as token (hash text, username text)`,
  [JSON.stringify(settings.tokens)],
);
const lms = openLms(settings);

const app = fastify();
app.get('/dashboard', async (request, reply) => {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const hash = createHash('sha256').update(token).digest('hex');
  const found = await pool.query<{ username: string }>({
    name: 'token',
    text: 'select username from access_token where hash = $1 and expires_at > now()',
    values: [hash],
  });
  const username = found.rows[0]?.username;
  if (username === undefined) return reply.code(401).send({ error: 'invalid_token' });
  return lms.dashboardOf(username);
});
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
