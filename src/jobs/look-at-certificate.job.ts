import type { AnnouncedCertificates } from '../services/certificate/announced-certificate.js';
import type { Job } from './job.js';

/** Reads grade and certificate of a learner anew, after the LMS told of a certificate. */
export function createLookAtCertificateJob({
  announcedCertificates,
}: {
  announcedCertificates: Pick<AnnouncedCertificates, 'look'>;
}): Job<'look-at-certificate'> {
  return (learner) => announcedCertificates.look(learner);
}
