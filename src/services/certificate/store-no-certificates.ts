import type { EntityManager } from '@mikro-orm/postgresql';
import { announcing } from '../../changes/publish-change.js';
import { runPrepared } from '../../entities/prepared-statement.js';
import { linkOfLearner } from '../edx-link/link-of-learner.js';
import type { SeenCertificates } from './store-certificates.js';

/**
 * Readings are stored in the order of the accounts: of two writers one waits for the other. A learner of several certificates is
 * announced once, since PostgreSQL tells the same only once in a transaction.
 */
const statement = {
  name: 'certificate_store_none',
  text: `
  with seen as (
    select link.account_id, seen.username, seen.as_of
    from jsonb_to_recordset($1::jsonb) as seen (username text, as_of timestamptz)
      ${linkOfLearner('seen.username')}
  ), reading as (
    insert into certificate_reading as present (account_id, as_of) select account_id, as_of from seen order by account_id
    on conflict (account_id) do update set as_of = excluded.as_of where present.as_of <= excluded.as_of
    returning account_id
  )
  update certificate set withdrawn_at = seen.as_of, updated_at = seen.as_of
  from seen join reading using (account_id)
  where certificate.account_id = seen.account_id and certificate.withdrawn_at is null
  returning ${announcing(`jsonb_build_object('topic', 'certificates', 'accountId', seen.account_id, 'lmsUsername', seen.username)`)}`,
};

/**
 * Stores of many learners at once that the LMS lists no certificate of theirs, which is so for most: what it listed before is
 * withdrawn, as by `storeCertificates`.
 *
 * @param seen - each learner once
 */
export async function storeNoCertificates(
  em: EntityManager,
  seen: readonly Omit<SeenCertificates, 'certificates'>[],
): Promise<void> {
  if (seen.length === 0) return;
  const rows = JSON.stringify(seen.map(({ lmsUsername, asOf }) => ({ username: lmsUsername, as_of: asOf })));
  await runPrepared(em, statement, [rows]);
}
