import type { EntityManager } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { EnrollmentEntity } from '../../entities/enrollment.entity.js';
import { tombstoneOf } from './tombstone.js';

/**
 * Tables whose rows go with the person, with the type of their `account_id`. A test looks that every table that names an account
 * is here or among {@link keptTables}.
 */
export const erasedTables: readonly { table: string; idType: 'uuid' | 'text' }[] = [
  { table: 'email_change', idType: 'uuid' },
  { table: 'authenticator', idType: 'uuid' },
  { table: 'recovery_code', idType: 'uuid' },
  { table: 'passkey', idType: 'uuid' },
  { table: 'passkey_challenge', idType: 'uuid' },
  { table: 'oauth_consent', idType: 'uuid' },
  { table: 'account_subject', idType: 'uuid' },
  { table: 'oidc_session', idType: 'text' },
  { table: 'oidc_artifact', idType: 'text' },
  { table: 'data_export', idType: 'uuid' },
  { table: 'upload', idType: 'uuid' },
  { table: 'learning_hint', idType: 'uuid' },
  { table: 'course_grade', idType: 'uuid' },
  { table: 'certificate', idType: 'uuid' },
  { table: 'certificate_reading', idType: 'uuid' },
  { table: 'partner_grant', idType: 'uuid' },
  { table: 'linked_identity', idType: 'uuid' },
];

/** Tables whose rows stay, without what is personal in them. */
export const keptTables: readonly string[] = ['blocked_email', 'edx_link', 'enrollment', 'learner_link', 'retirement'];

/** Keys of jobs that concern one account, whatever comes behind the id. */
const jobKeys = [
  'edx-link',
  'edx-link-check',
  'edx-api-token',
  'push-profile',
  'push-email',
  'enroll',
  'course-emails',
  'certificate',
  'export',
];

/**
 * Erases a person, in the transaction of `tx`. What stays is the account's row with its username and id, so that neither is ever
 * given to somebody else; its edX link and enrollments with their history, which name nobody but it. May be repeated.
 */
export async function erasePerson(tx: EntityManager, accountId: string): Promise<void> {
  const account = await tx.findOneOrFail(AccountEntity, { id: accountId });
  const { email, username } = account;
  for (const { table, idType } of erasedTables)
    await tx.execute(`delete from ${table} where account_id = ?::${idType}`, [accountId]);
  await tx.execute('delete from registration where lower(email) = lower(?)', [email]);
  await tx.execute(
    `delete from oidc_artifact where model = 'Interaction'
       and lower(payload #>> '{params,login_hint}') in (lower(?), lower(?))`,
    [email, username],
  );
  await tx.execute(`delete from idempotency_key where caller_id = ? or caller_id like ? or result_id = ?::uuid`, [
    accountId,
    `${accountId}@%`,
    accountId,
  ]);
  await eraseOperationRows(tx, [accountId, email, username]);
  await eraseJobs(tx, accountId, email);
  await eraseFromLearning(tx, accountId);
  await eraseFromPrograms(tx, accountId);
  await tx.nativeUpdate(
    AccountEntity,
    { id: accountId },
    {
      ...tombstoneOf(accountId),
      emailVerifiedAt: null,
      passwordHash: null,
      passwordChangedAt: null,
      roles: [],
      profile: {},
      locale: null,
      lastSignedInAt: null,
    },
  );
}

/** Reasons may quote what the person entered; the tokens are of no use any more. */
async function eraseFromLearning(tx: EntityManager, accountId: string): Promise<void> {
  await tx.nativeUpdate(
    EdxLinkEntity,
    { accountId },
    {
      apiAccessToken: null,
      apiRefreshToken: null,
      apiTokenExpiresAt: null,
      apiTokenRefreshedAt: null,
      apiTokenLastError: null,
      lastError: null,
      nextAttemptAt: null,
    },
  );
  await tx.execute(
    `update edx_link_event set detail = null where edx_link_id in (select id from edx_link where account_id = ?)`,
    [accountId],
  );
  await tx.execute(
    'delete from unknown_user_hint where lms_user_id in (select edx_user_id from edx_link where account_id = ?)',
    [accountId],
  );
  await tx.nativeUpdate(EnrollmentEntity, { accountId }, { lastError: null, emailsError: null });
  await tx.execute(
    `delete from learning_answer
     where lms_username in (select lower(edx_username) from edx_link where account_id = ? and edx_username is not null)`,
    [accountId],
  );
}

/** That a school had somebody in a program stays; by which key, and who it was, does not. */
async function eraseFromPrograms(tx: EntityManager, accountId: string): Promise<void> {
  await tx.execute(
    `update learner_link_event set detail = null
     where learner_link_id in (select id from learner_link where account_id = ?)`,
    [accountId],
  );
  await tx.execute(
    `update learner_link set state = 'RETIRED', external_key = 'retired-' || id, lms_username = null, lms_user_id = null,
       unlinked_username = null, reason = null, updated_at = now()
     where account_id = ?`,
    [accountId],
  );
}

/** What an operation says of this person; that it was one of its rows stays. */
async function eraseOperationRows(tx: EntityManager, names: readonly string[]): Promise<void> {
  await tx.execute(
    `update operation_row set key = null, input = null, reason = null, detail = null
     where lower(key) in (select lower(name) from jsonb_array_elements_text(?::jsonb) as name)`,
    [JSON.stringify(names)],
  );
}

/** Jobs that wait, and what jobs of others may have left behind of a mail that could not be delivered. */
async function eraseJobs(tx: EntityManager, accountId: string, email: string): Promise<void> {
  const keys = await tx.execute<{ key: string }[]>(
    `select key from graphile_worker.jobs
     where key is not null and split_part(key, ':', 2) = ? and split_part(key, ':', 1) = any(string_to_array(?, ','))`,
    [accountId, jobKeys.join(',')],
  );
  for (const { key } of keys) await tx.execute('select graphile_worker.remove_job(?)', [key]);
  await tx.execute(
    `update graphile_worker._private_jobs set last_error = null
     where last_error is not null and position(lower(?) in lower(last_error)) > 0`,
    [email],
  );
}
