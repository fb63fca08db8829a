import type { CallOptions } from '../upstream/call.js';
import { encodePathSegment } from '../upstream/query.js';
import { parseCertificates } from './certificates.wire.js';
import { resolveUrl } from './courses.js';
import type { LmsClient } from './lms-client.js';
import { accepted } from './refusals.js';
import { readDate } from './wire-types.js';

export interface LmsCertificate {
  username: string;
  courseKey: string;
  /** The mode it was earned in: `verified`, `honor`, … */
  type: string;
  /** `downloadable` or `generating`. */
  status: string;
  isPassing: boolean;
  /** Absolute; null until there is something to open. */
  downloadUrl: string | null;
  /** As printed on it, a snapshot of the day of issue; null when none was. */
  grade: string | null;
  createdAt: Date;
  modifiedAt: Date | null;
  /** Names the certificate's own page. */
  uuid: string | null;
}

export interface CertificateReads {
  /** All certificates that the learner has earned and may see, oldest first; empty for an unknown user. Not throttled. */
  certificatesOf(username: string, options: CallOptions): Promise<LmsCertificate[]>;
  /** Where anybody can check a certificate, in the LMS. */
  certificatePage(uuid: string): string;
}

export function createCertificateReads(client: LmsClient): CertificateReads {
  return {
    certificatePage: (uuid) => `${client.browserUrl}/certificates/${encodePathSegment(uuid)}`,
    certificatesOf: (username, options) =>
      client.request(
        {
          operation: 'certificate.list',
          family: 'certificates',
          method: 'GET',
          path: `/api/certificates/v0/certificates/${encodePathSegment(username)}/`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) =>
            parseCertificates(accepted('certificate.list', answer)).map((row) => ({
              username: row.username,
              courseKey: row.course_id,
              type: row.certificate_type,
              status: row.status,
              isPassing: row.is_passing,
              downloadUrl: resolveUrl(row.download_url, client.browserUrl),
              grade: row.grade === '' ? null : row.grade,
              createdAt: new Date(row.created_date),
              modifiedAt: readDate(row.modified_date),
              uuid: row.uuid ?? null,
            })),
        },
        options,
      ),
  };
}
