import type { RegistrarStage } from './registrar-stage.js';

/** The LMS answers so when it is asked for grades: “the LMS answer is set per case”. */
function lmsAnswers(status: number, results?: readonly object[]) {
  const body = results && { next: null, previous: null, results };
  const fault = { match: '*/grades/', mode: 'answer', status, ...(body && { body }) };
  return ({ site }: RegistrarStage) => site.lms.faults([fault]);
}

const good = { student_key: '001', letter_grade: 'A', percent: 0.95, passed: true };
const failed = { student_key: '009', error: 'no grade' };
const third = { student_key: '003', letter_grade: null, percent: 0.1, passed: false };

/** By `file number`. */
export const gradeAnswers: Record<string, (stage: RegistrarStage) => Promise<void>> = {
  'grades 2': lmsAnswers(207, [good, failed]),
  'grades 4': lmsAnswers(422, [failed]),
  'grades 5': lmsAnswers(204),
  'grades 6': lmsAnswers(200, []),
  'grades 7': lmsAnswers(200, [
    { ...good, percent: 1 },
    { ...third, percent: 0 },
  ]),
  'grades 8': lmsAnswers(200, [{ ...good, percent: 0.95126 }, third]),
  'grades 9': lmsAnswers(200, [{ ...good, percent: 0.1 + 0.2 }, third]),
  'grades 10': lmsAnswers(200, [{ ...good, percent: 12 }, third]),
  'grades 11': lmsAnswers(200, [{ ...good, percent: null }, third]),
  'grades 12': lmsAnswers(200, [{ ...good, error: 'no grade' }, third]),
  'grades 13': lmsAnswers(200, [good, { student_key: '003', letter_grade: null, passed: false }]),
  'grades 14': lmsAnswers(403),
  'grades 15': ({ site }) => site.lms.heal(),
};
