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
const aReport = (name: string, day: string) => ({
  name,
  created_date: day,
  download_url: `an address of ${name}`,
});
const newestFirst = {
  because: 'reports are listed the newest first, and not as the folder has them',
  body: [
    aReport('single__2021-1-5.csv', '2021-01-05'),
    aReport('a__b__2020-02-29', '2020-02-29'),
    aReport('aggregate_report__2019-12-12.csv', '2019-12-12'),
  ],
};
const noDay = {
  because: 'a day that is none is told, with what to do',
  status: 400,
  body: ['expected "min_created_date" to be a day like 2019-12-31, or to be left out'],
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
  'csv-uploads 24': {
    because: 'a row that is too short may have lost any of its cells',
    status: 400,
    body: ['CSV is missing data at row #1. Required fields are [course_id, status, student_key].'],
    job: null,
    result: null,
  },
  'csv-uploads 38': noCurriculum,
  'jobs 17': nowhere,
  'jobs 20': { ...nowhere, job: null },
  'reports 1': { ...newestFirst, body: [...newestFirst.body, aReport('individual__2019-12-11.txt', '2019-12-11')] },
  'reports 2': newestFirst,
  'reports 4': noDay,
  'reports 5': noDay,
  'reports 6': { because: 'a program of which nobody has made a report has none', status: 200, body: [] },
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
  'other-routes 10': { ...nowhere, because: 'health is read, and nothing is posted there', status: 404 },
  'other-routes 11': nowhere,
  'other-routes 12': nowhere,
  'other-routes 13': nowhere,
  'other-routes 14': { because: "the root is Portico's own page, for people", status: 200, body: '<HTML>' },
  'other-routes 15': {
    because: 'a sign-in begins where somebody asks for one; the page tells whoever comes without how to begin',
    status: 400,
    body: '<HTML>',
  },
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
