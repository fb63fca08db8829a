import type { Improvement } from './improvement.js';

const page = 'an error of an address is told as JSON, not as a page';
const nowhere = {
  because: page,
  body: { error: { code: 'NOT_FOUND', message: 'There is nothing at this address.', requestId: 'then' } },
};
const cs = {
  program_key: 'masters-in-cs',
  program_title: "Master's in CS",
  program_url: 'http://localhost:18982/about/masters/1',
  program_type: 'Masters',
  permissions: ['read_enrollments', 'read_metadata', 'read_reports', 'write_enrollments'],
};
const [ml, noActiveCurriculum, gone, empty] = [
  ['micromasters-in-ml', 'MicroMasters in ML', 'micromasters/2', 'MicroMasters'],
  ['no-curriculum', 'Masters without curriculum', 'masters/3', 'Masters'],
  ['gone-from-discovery', 'gone-from-discovery', null, null],
  ['empty-masters', 'Empty Masters', 'masters/6', 'Masters'],
].map(([key, title, path, type]) => ({
  program_key: key,
  program_title: title,
  program_url: path === null ? null : `http://localhost:18982/about/${path}`,
  program_type: type,
  permissions: type === 'Masters' ? cs.permissions : ['read_metadata', 'read_reports'],
}));
/** What a partner of HUMx sees. */
const humx = [cs, ml, noActiveCurriculum, gone, empty];
const csRuns = [
  ['course-v1:HUMx+English-550+Spring', 'ENG55-S19', 'English 550', 'english-550'],
  ['course-v1:HUMx+Spanish-1000+Spring', 'SPAN101-S19', 'Spanish 1000', 'spanish-1000'],
  ['course-v1:HUMx+Math-100+Fall', null, 'Math 100', null],
  ['HUMx/Hist-10/2014', 'HIST:10-2014', 'History 10', 'history-10'],
].map(([id, ownKey, title, path]) => ({
  course_id: id,
  external_course_key: ownKey,
  course_title: title,
  course_url: path === null ? null : `http://localhost:18982/about/course/${path}`,
}));
const alt = {
  program_key: 'masters-in-alt',
  program_title: 'Masters in Alt',
  program_url: 'http://localhost:18982/about/masters/5',
  program_type: 'Masters',
  permissions: ['read_enrollments', 'read_metadata', 'write_enrollments'],
};
const noCurriculum = {
  because: 'a program without an active curriculum takes nobody: that is said at once, with what to do',
  status: 422,
  body: {
    detail:
      'The program no-curriculum has no active curriculum in Discovery, without which the LMS takes nobody into it. Activate one there, and synchronize programs.',
  },
};
const courseStaff = {
  because: 'the roles of course staff are not behind a flag: who may write enrollments may give them',
  status: 200,
  body: { '001': 'active' },
};
const noSuchToken = {
  because: 'Bearer tokens are taken too; one that is none is told so',
  body: {
    error_code: 'token_nonexistent',
    developer_message: 'The provided access token does not match any valid tokens.',
  },
};
const english = {
  because: 'texts of this API are in English: programs read them',
};

const keptByPortico = 'a failure of Discovery is never kept: what was known before goes on being answered';
const knownToBeThere = { because: keptByPortico, status: 422, body: { '001': 'conflict' } };
const noToken = {
  because:
    'what the LMS could not be asked is told row by row, and neither as a lack of rights nor as a fault of Portico',
  status: 422,
  body: { '001': 'internal-error' },
};
const allPending = `student_key,status⏎\n${Array.from({ length: 60 }, (_, n) => `b${String(n).padStart(2, '0')},pending⏎`).join('\n')}`;

const shortRow = {
  because: 'a row that is too short may have lost any of its cells',
  status: 400,
  body: ['CSV is missing data at row #1. Required fields are [course_id, status, student_key].'],
  job: null,
  result: null,
};
const withoutStaff = {
  because:
    'files have the columns of a Registrar without flags; who is staff, and who has which account, is in the graph',
};
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

/** Where Portico answers otherwise than Registrar on purpose, by `file number`. */
export const improvements: Record<string, Improvement> = {
  'programs 21': { because: 'a program without a title is no reason for a 500', status: 200, body: [cs] },
  'programs 33': nowhere,
  'programs 45': nowhere,
  'programs 47': nowhere,
  'program-enrollments 19': {
    because: 'a key is the same in any case, for the LMS too: both are told so, and nothing is left half written',
    body: { ABC: 'duplicated', abc: 'duplicated' },
  },
  'program-enrollments 22': {
    because: 'one blank key does not cost the other rows their enrollment',
    status: 207,
    body: { '': 'internal-error', ok1: 'enrolled' },
  },
  'program-enrollments 23': { because: 'a blank status is told as what it is', body: { ok1: 'invalid-status' } },
  'program-enrollments 24': {
    because: 'the answer has the key that was sent, and what became of it',
    body: { ' pad ': 'enrolled' },
  },
  'program-enrollments 48': {
    because: 'the right is looked at before the method: a stranger learns nothing',
    status: 403,
    body: { detail: 'You do not have permission to perform this action.' },
  },
  'course-enrollments 13': nowhere,
  'course-enrollments 35': courseStaff,
  'course-enrollments 36': courseStaff,
  'course-enrollments 37': { ...courseStaff, because: 'null says nothing, and is not sent' },
  'auth 6': noSuchToken,
  'auth 7': noSuchToken,
  'auth 13': { because: 'who may not sign in sees nothing, on the list as elsewhere', body: [] },
  'head-bypass 2': { because: 'HEAD begins no job, and asks for the same right', status: 403 },
  'head-bypass 3': { because: 'no job was begun', body: [], job: null, result: null },
  'csv-uploads 8': {
    because: 'a blank cell is refused with its row, in place of failing the 24 others of its call',
    status: 400,
    body: ['CSV is missing data at row #2. Required fields are [status, student_key].'],
    job: null,
    result: null,
  },
  'csv-uploads 9': {
    because: 'a key is the same in any case',
    result: 'student_key,status⏎\nCase,duplicated⏎\ncase,duplicated⏎',
  },
  'csv-uploads 10': { ...noCurriculum, job: null, result: null },
  'csv-uploads 15': {
    because: 'a quoted line break is part of the key',
    result: 'student_key,status⏎\na\nb,enrolled⏎',
  },
  'csv-uploads 18': {
    because: 'a run is the same by either of its keys: which of two statuses is meant is not guessed',
    job: 'Succeeded 422',
    result:
      'course_id,student_key,status⏎\nENG55-S19,001,duplicated⏎\nENG55-S19,003,duplicated⏎\ncourse-v1:HUMx+English-550+Spring,001,duplicated⏎',
  },
  'csv-uploads 24': shortRow,
  'csv-uploads 26': {
    ...withoutStaff,
    result: 'course_id,student_key,status⏎\nENG55-S19,001,active⏎\nENG55-S19,002,active⏎\nSPAN101-S19,001,active⏎',
  },
  'csv-uploads 27': {
    because: 'a blank cell leaves it as it is whether a learner is staff, and costs nobody their enrollment',
    job: 'Succeeded 200',
    result: 'course_id,student_key,status⏎\nENG55-S19,001,active⏎\nENG55-S19,002,active⏎',
  },
  'csv-uploads 29': shortRow,
  'csv-uploads 30': {
    because: 'course_staff is not required, and not named among what is',
    body: ['CSV is missing data at row #1. Required fields are [course_id, status, student_key].'],
  },
  'csv-uploads 38': noCurriculum,
  'jobs 17': nowhere,
  'jobs 20': { ...nowhere, job: null },
  'course-enrollments 43': {
    ...withoutStaff,
    result: `course_id,student_key,status,account_exists⏎\n${inEnglish}`,
  },
  'course-enrollments 45': {
    ...withoutStaff,
    result: `course_id,student_key,status,account_exists⏎\n${inEnglish}\ncourse-v1:HUMx+Math-100+Fall,002,active,False⏎\nHIST:10-2014,001,active,True⏎`,
  },
  'course-enrollments 46': {
    ...withoutAddress,
    result:
      'student_key,status,account_exists⏎\n001,enrolled,True⏎\n002,pending,False⏎\n003,suspended,True⏎\n004,canceled,False⏎\nMixed-Case,enrolled,True⏎',
  },
  'course-enrollments 47': {
    ...withoutAddress,
    result: JSON.stringify([{ account_exists: true, status: 'enrolled', student_key: '301' }], null, 4),
  },
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
  'other-routes 11': nowhere,
  'other-routes 12': nowhere,
  'other-routes 13': nowhere,
  'other-routes 21': {
    because: 'OPTIONS tells what is taken and given, and no more',
    body: { renders: ['application/json'], parses: ['application/json'] },
  },
  'other-routes 23': { because: 'there is no browsable page: JSON for everybody', body: alt },
  'other-routes 30': {
    because: 'there is no browsable page: JSON for everybody',
    body: { detail: 'Authentication credentials were not provided.' },
  },
  'other-routes 31': { ...english, body: { detail: 'Not found.' } },
  'other-routes 32': { ...english, body: { detail: 'Authentication credentials were not provided.' } },
  'other-routes 34': {
    because: 'an origin that is not allowed is told nothing',
    status: 401,
    body: { detail: 'Authentication credentials were not provided.' },
  },
};
