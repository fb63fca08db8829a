import { UpstreamUnavailableError } from '../../errors.js';
import type { GraphContext } from '../context.js';
import { type CertificateType, toCertificate } from './certificate.type.js';

/**
 * All certificates of a learner, live. While the LMS cannot be asked, those that it was last seen to list stand in, marked stale;
 * none of which it was seen to be withdrawn.
 *
 * @throws UpstreamUnavailableError when the LMS cannot be asked and never said anything
 */
export async function knownCertificates(
  { ownerId, lmsUsername }: { ownerId: string | null; lmsUsername: string },
  { learning, stored }: GraphContext,
): Promise<CertificateType[]> {
  try {
    const earned = await learning.certificatesOf.load(lmsUsername);
    return earned.value.map((certificate) => toCertificate(certificate, earned, learning));
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError) || ownerId === null) throw error;
    const known = await stored.certificatesOf.load(ownerId);
    if (!known) throw error;
    return known.certificates.map(({ lmsCreatedAt: createdAt, ...row }) => {
      const { downloadUrl = null, grade = null, uuid = null, lmsModifiedAt: modifiedAt = null } = row;
      const seen = { ...row, downloadUrl, grade, uuid, createdAt, modifiedAt };
      return toCertificate(seen, { asOf: known.asOf, stale: true, source: 'lms' }, learning);
    });
  }
}
