import type { Improvement } from './improvement.js';
import { alt, cs, csRuns, humx, nowhere } from './recorded-answers.js';

const keptByPortico = 'a failure of Discovery is never kept: what was known before goes on being answered';
const knownToBeThere = { because: keptByPortico, status: 422, body: { '001': 'conflict' } };
const noToken = {
  because:
    'what the LMS could not be asked is told row by row, and neither as a lack of rights nor as a fault of Portico',
  status: 422,
  body: { '001': 'internal-error' },
};
const allPending = `student_key,status⏎\n${Array.from({ length: 60 }, (_, n) => `b${String(n).padStart(2, '0')},pending⏎`).join('\n')}`;

const oddGrade = 'a grade that is odd, or none, does not cost the other learners theirs';
const grades = (...rows: readonly object[]) => ({
  because: oddGrade,
  job: rows.some((row) => 'error' in row) ? 'Succeeded 207' : 'Succeeded 200',
  result: JSON.stringify(rows, null, 4),
});
const good = (percent: string) => ({ student_key: '001', letter_grade: 'A', percent, passed: true });
const third = { student_key: '003', letter_grade: null, percent: '0.100', passed: false };
const noGrade = (student_key: string, error = 'The LMS tells no grade.') => ({
  student_key,
  letter_grade: null,
  error,
});
const begun = (mark: string) => ({ job_id: mark, job_url: `http://localhost:18734/api/v1/jobs/${mark}` });
const signedFile = {
  ...nowhere,
  status: 404,
  because: 'files are at the signed address that their job tells, and nowhere else: it is good for minutes',
};
const waitsForLms = (because: string) => ({ because, job: 'Retrying null' });
const noBroker = {
  because: 'there is no broker: a job is stored together with its file, and taken or not taken',
  status: 202,
};

/** What Portico answers where an upstream fails or answers oddly, and where Registrar has other settings; by `file number`. */
export const faultImprovements: Record<string, Improvement> = {
  'grades 5': { because: '204 is nobody, and an empty file', job: 'Succeeded 200', result: '[]' },
  'grades 8': grades(good('0.951'), third),
  'grades 9': grades(good('0.300'), third),
  'grades 10': grades(good('12.000'), third),
  'grades 11': grades(noGrade('001'), third),
  'grades 12': grades(noGrade('001', 'no grade'), third),
  'grades 13': grades(good('0.950'), noGrade('003')),
  'grades 14': waitsForLms('a job goes on when the LMS takes the credentials of Portico again'),
  'settings-variants 1': {
    because: 'a job has the time that the LMS takes',
    job: 'Succeeded 200',
  },
  'settings-variants 2': { ...noBroker, body: begun('{job-2}'), job: 'Succeeded 200' },
  'settings-variants 3': { because: 'a job that has ended is listed no more', body: [] },
  'settings-variants 4': { ...noBroker, body: begun('{job-40}'), job: 'Succeeded 200' },
  'settings-variants 6': waitsForLms('a job goes on when the LMS is there again'),
  'settings-variants 7': signedFile,
  'settings-variants 8': signedFile,
  'upstream-faults 2': { because: keptByPortico, body: cs },
  'upstream-faults 3': { because: keptByPortico, body: csRuns },
  'upstream-faults 4': knownToBeThere,
  'upstream-faults 5': { because: keptByPortico, body: [alt] },
  'upstream-faults 6': knownToBeThere,
  'upstream-faults 9': { because: keptByPortico, body: cs },
  'upstream-faults 10': { because: keptByPortico, status: 200, body: cs },
  'upstream-faults 11': { because: keptByPortico, status: 200, body: cs },
  'upstream-faults 12': { because: keptByPortico, status: 200, body: humx },
  'upstream-faults 14': {
    because: 'what the LMS did not answer is told row by row, not as a fault of Portico',
    status: 422,
    body: { '001': 'internal-error', f2: 'internal-error' },
  },
  'upstream-faults 16': {
    because: 'rows of a call that failed are sent again, in halves',
    job: 'Succeeded 200',
    result: allPending,
  },
  'upstream-faults 17': {
    because: 'a lost connection is not the end of a job: rows that are written with an upsert are sent again',
    job: 'Succeeded 200',
    result: allPending,
  },
  'upstream-faults 19': noToken,
  'upstream-faults 20': noToken,
  'upstream-faults 21': noToken,
  'upstream-faults 22': noToken,
};
