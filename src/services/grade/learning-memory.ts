import type { EntityManager } from '@mikro-orm/postgresql';
import type { LearningMemory } from '../../datasources/learning-caches.js';
import type { Logger } from '../../logger.js';
import { type SeenCertificates, storeCertificates } from '../certificate/store-certificates.js';
import { storeNoCertificates } from '../certificate/store-no-certificates.js';
import { createGroupedWrites } from '../grouped-writes.js';
import { isCredible } from './credible.js';
import { type SeenGrade, storeGrades } from './store-grades.js';

/** Stores behind the readers' backs. Disposing it waits for what is under way. */
export interface StoredLearningMemory extends LearningMemory, AsyncDisposable {
  /** Resolves when everything that was seen so far is stored, or could not be. */
  settled(): Promise<void>;
}

/** A grade that stays the same is not written at each look; its stored `asOf` may be so much older than it could be. */
const touchAfterSeconds = 15 * 60;
const mostGradesAtOnce = 500;
const mostLearnersAtOnce = 100;
/** Milliseconds: nobody waits for it, and what comes meanwhile is one write with it. */
const gatherMs = 200;

/** Keeps in the database what people's requests read of grades and certificates, many in one write. */
export function createLearningMemory({ em, logger }: { em: EntityManager; logger: Logger }): StoredLearningMemory {
  const writeGrade = createGroupedWrites<SeenGrade>({
    write: (grades) => storeGrades(em, grades, { touchAfterSeconds }),
    lanes: 1,
    mostAtOnce: mostGradesAtOnce,
    gatherMs,
  });
  const writeCertificates = createGroupedWrites<SeenCertificates>({
    write: async (seen) => {
      const learners = [...new Map(seen.map((learner) => [learner.lmsUsername.toLowerCase(), learner])).values()];
      await storeNoCertificates(
        em,
        learners.filter(({ certificates }) => certificates.length === 0),
      );
      for (const learner of learners) if (learner.certificates.length > 0) await storeCertificates(em, learner);
    },
    lanes: 1,
    mostAtOnce: mostLearnersAtOnce,
    gatherMs,
  });
  const underWay = new Set<Promise<void>>();
  const behind = (write: Promise<void>) => {
    const settled = write.catch((error: unknown) =>
      logger.warn({ err: error }, 'what the LMS said could not be stored'),
    );
    underWay.add(settled);
    void settled.then(() => underWay.delete(settled));
  };
  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    gradesSeen(grades, asOf) {
      for (const grade of grades) if (isCredible(grade)) behind(writeGrade({ ...grade, asOf }));
    },
    certificatesSeen: (lmsUsername, certificates, asOf) =>
      behind(writeCertificates({ lmsUsername, certificates, asOf })),
    settled,
    [Symbol.asyncDispose]: settled,
  };
}
