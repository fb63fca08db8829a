import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { gradeKeyOf } from '../../datasources/grade/grade-reader.js';
import { type Answer, answerEach } from '../../datasources/keyed-answers.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { systemActor } from '../actor.js';
import { storeCertificates } from '../certificate/store-certificates.js';
import { recordSeen } from '../enrollment/record-seen.js';
import { isCredible } from '../grade/credible.js';
import { storeGrades } from '../grade/store-grades.js';
import { announceFirstSeen } from './announce-first-seen.js';
import type { DueHint } from './due-hints.js';

interface ReadDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'keyed' | 'certificatesOf'>;
  clock: Clock;
}

/** Told by the LMS: rows that are seen for the first time are announced too. */
const announced = { actor: systemActor, cause: 'announced-by-lms', announcesNew: true };

/**
 * Reads enrollments, grades and certificates of many learners anew and stores them by the same rules as whatever else is read.
 *
 * @returns what kept hints from being followed
 */
export async function readHinted(deps: ReadDeps, hints: readonly DueHint[]): Promise<Map<DueHint, unknown>> {
  const options: CallOptions = { purpose: 'job', priority: 'bulk' };
  const failures = new Map<DueHint, unknown>();
  const fail = (answer: Answer<unknown> | undefined, hint: DueHint) => {
    if (!answer) failures.set(hint, new Error('There was no answer.'));
    else if ('error' in answer) failures.set(hint, answer.error);
  };
  const asOf = deps.clock();
  await readEnrollments(deps, only(hints, 'enrollment'), options, fail);
  await readGrades(deps, only(hints, 'grade'), options, fail);
  await readCertificates(deps, only(hints, 'certificate'), options, fail);
  await announceFirstSeen(
    deps.em,
    hints.filter((hint) => !failures.has(hint)),
    asOf,
  );
  return failures;
}

type Read = (
  deps: ReadDeps,
  hints: readonly DueHint[],
  options: CallOptions,
  fail: (answer: Answer<unknown> | undefined, hint: DueHint) => void,
) => Promise<void>;

const readEnrollments: Read = async ({ em, api, clock }, hints, options, fail) => {
  if (hints.length === 0) return;
  const asOf = clock();
  const answers = await api.keyed.readEnrollmentsOfUsers(usernamesOf(hints), options);
  const accounts = new Map(hints.map(({ accountId, lmsUsername }) => [accountId, lmsUsername]));
  const seen = [...accounts].flatMap(([accountId, lmsUsername]) => {
    const answer = answers.get(lmsUsername.toLowerCase());
    return answer && 'value' in answer ? [{ accountId, lmsUsername, rows: answer.value, asOf }] : [];
  });
  if (seen.length > 0) await recordSeen(em, seen, clock(), announced);
  for (const hint of hints) fail(answers.get(hint.lmsUsername.toLowerCase()), hint);
};

const readGrades: Read = async ({ em, api, clock }, hints, options, fail) => {
  if (hints.length === 0) return;
  const asOf = clock();
  const keyOf = ({ lmsUsername: username, courseKey }: DueHint) => ({ username, courseKey });
  const answers = await api.keyed.readGrades(hints.map(keyOf), options);
  const grades = [...answers.values()].flatMap((answer) =>
    'value' in answer && answer.value && isCredible(answer.value) ? [{ ...answer.value, asOf }] : [],
  );
  if (grades.length > 0) await storeGrades(em, grades, { announcesNew: true });
  for (const hint of hints) fail(answers.get(gradeKeyOf(keyOf(hint))), hint);
};

const readCertificates: Read = async ({ em, api, clock }, hints, options, fail) => {
  const answers = await answerEach(
    usernamesOf(hints),
    async (lmsUsername) => {
      const asOf = clock();
      const certificates = await api.certificatesOf(lmsUsername, options);
      await storeCertificates(em, { lmsUsername, certificates, asOf }, { announcesNew: true });
    },
    (name) => name.toLowerCase(),
  );
  for (const hint of hints) fail(answers.get(hint.lmsUsername.toLowerCase()), hint);
};

function only(hints: readonly DueHint[], what: 'enrollment' | 'grade' | 'certificate'): DueHint[] {
  return hints.filter((hint) => hint[what]);
}

function usernamesOf(hints: readonly DueHint[]): string[] {
  return [...new Map(hints.map(({ lmsUsername }) => [lmsUsername.toLowerCase(), lmsUsername])).values()];
}
