import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { publishChange } from '../../changes/publish-change.js';
import type { LmsCertificate } from '../../datasources/lms/certificates.js';

/** All certificates that the LMS lists for one learner, as of a moment. */
export interface SeenCertificates {
  lmsUsername: string;
  certificates: readonly LmsCertificate[];
  asOf: Date;
}

export interface StoredCertificates {
  created: number;
  updated: number;
  unchanged: number;
  /** Course runs whose certificate was listed before, and is not any more. */
  withdrawn: string[];
}

const facts = ['type', 'status', 'download_url', 'grade', 'uuid', 'lms_created_at', 'lms_modified_at'];
const listed = facts.join(', ');
const ofPresent = facts.map((name) => `present.${name}`).join(', ');
const ofExcluded = facts.map((name) => `excluded.${name}`).join(', ');

/** The reading is stored first: whoever has an older one finds a newer there, and stores nothing. */
const storeReading = `
  insert into certificate_reading as present (account_id, as_of)
  select account.id, ?::timestamptz from edx_link link join account on account.id = link.account_id
  where lower(link.edx_username) = lower(?) and account.status <> 'RETIRED'
  on conflict (account_id) do update set as_of = excluded.as_of where present.as_of <= excluded.as_of
  returning account_id`;

const storeListed = `
  insert into certificate as present
    (id, created_at, updated_at, account_id, course_key, lms_username, as_of, ${listed})
  select id, ?::timestamptz, ?::timestamptz, ?::uuid, course_key, ?, ?::timestamptz, ${listed}
  from jsonb_to_recordset(?::jsonb) as seen (id uuid, course_key text, type text, status text, download_url text, grade text,
    uuid text, lms_created_at timestamptz, lms_modified_at timestamptz)
  order by course_key
  on conflict (account_id, course_key) do update
    set (${listed}, lms_username, updated_at, as_of, withdrawn_at) =
      (${ofExcluded}, excluded.lms_username, excluded.updated_at, excluded.as_of, null)
    where (${ofPresent}, present.withdrawn_at) is distinct from (${ofExcluded}, null::timestamptz)
  returning xmax = 0 as is_new`;

/**
 * Stores a learner's certificates for the account that is linked to the LMS user. One that the LMS listed before and does not any
 * more was revoked, or the grade fell: it is kept as withdrawn until the LMS lists it again.
 *
 * @param announcesNew - whether one that is seen for the first time is announced as well; the LMS told of it
 * @returns undefined when there is no such account, or something newer is stored
 */
export async function storeCertificates(
  em: EntityManager,
  { lmsUsername, certificates, asOf }: SeenCertificates,
  { announcesNew = false }: { announcesNew?: boolean } = {},
): Promise<StoredCertificates | undefined> {
  return em.fork().transactional(async (tx) => {
    const [reading] = await tx.execute<{ account_id: string }[]>(storeReading, [asOf, lmsUsername]);
    if (!reading) return undefined;
    const accountId = reading.account_id;
    const rows = [...new Map(certificates.map((each) => [each.courseKey, toRow(each)])).values()];
    const written = await tx.execute<{ is_new: boolean }[]>(storeListed, [
      asOf,
      asOf,
      accountId,
      lmsUsername,
      asOf,
      JSON.stringify(rows),
    ]);
    const keys = JSON.stringify(rows.map((row) => row.course_key));
    await tx.execute(
      `update certificate set as_of = ? where account_id = ? and as_of < ?
         and course_key in (select jsonb_array_elements_text(?::jsonb))`,
      [asOf, accountId, asOf, keys],
    );
    const gone = await tx.execute<{ course_key: string }[]>(
      `update certificate set withdrawn_at = ?, updated_at = ? where account_id = ? and withdrawn_at is null
         and course_key not in (select jsonb_array_elements_text(?::jsonb)) returning course_key`,
      [asOf, asOf, accountId, keys],
    );
    const created = written.filter((row) => row.is_new).length;
    const updated = written.length - created;
    if (updated + gone.length > 0 || (announcesNew && created > 0))
      await publishChange(tx, { topic: 'certificates', accountId, lmsUsername });
    return {
      created,
      updated,
      unchanged: rows.length - written.length,
      withdrawn: gone.map(({ course_key }) => course_key),
    };
  });
}

function toRow(certificate: LmsCertificate) {
  return {
    id: uuidv7(),
    course_key: certificate.courseKey,
    type: certificate.type,
    status: certificate.status,
    download_url: certificate.downloadUrl,
    grade: certificate.grade,
    uuid: certificate.uuid,
    lms_created_at: certificate.createdAt,
    lms_modified_at: certificate.modifiedAt,
  };
}
