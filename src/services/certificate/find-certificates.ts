import type { EntityManager } from '@mikro-orm/postgresql';
import { type Certificate, CertificateEntity, CertificateReadingEntity } from '../../entities/certificate.entity.js';
import { CourseGradeEntity } from '../../entities/course-grade.entity.js';

/** All certificates of an account as the LMS was last seen to list them; empty when it listed none. */
export interface KnownCertificates {
  accountId: string;
  certificates: Certificate[];
  asOf: Date;
}

/**
 * What is known of certificates while the LMS cannot be asked. One that was withdrawn is left out, as is one whose grade was seen
 * not to suffice since: it must not be shown as valid.
 *
 * @returns nothing for accounts that the LMS was never asked about
 */
export async function findCertificates(em: EntityManager, accountIds: readonly string[]): Promise<KnownCertificates[]> {
  const tx = em.fork();
  const where = { accountId: { $in: [...accountIds] } };
  const readings = await tx.find(CertificateReadingEntity, where);
  const certificates = await tx.find(
    CertificateEntity,
    { ...where, withdrawnAt: null },
    { orderBy: { lmsCreatedAt: 'asc', id: 'asc' } },
  );
  const fallen = await tx.find(CourseGradeEntity, { ...where, passed: false });
  const fellAt = new Map(fallen.map((grade) => [`${grade.accountId} ${grade.courseKey}`, grade.asOf]));
  const isValid = ({ accountId, courseKey, asOf }: Certificate) => {
    const seenAt = fellAt.get(`${accountId} ${courseKey}`);
    return seenAt === undefined || seenAt <= asOf;
  };
  const byAccount = Map.groupBy(certificates.filter(isValid), ({ accountId }) => accountId);
  return readings.map(({ accountId, asOf }) => ({ accountId, asOf, certificates: byAccount.get(accountId) ?? [] }));
}
