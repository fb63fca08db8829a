import { faultImprovements } from './fault-improvements.js';
import type { Improvement } from './improvement.js';
import { alt, cs, nowhere } from './recorded-answers.js';

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
const allReports = {
  ...newestFirst,
  body: [...newestFirst.body, aReport('individual__2019-12-11.txt', '2019-12-11')],
};
const noDay = {
  because: 'a day that is none is told, with what to do',
  status: 400,
  body: ['expected "min_created_date" to be a day like 2019-12-31, or to be left out'],
};
const english = {
  because: 'texts of this API are in English: programs read them',
};

const shortRow = {
  because: 'a row that is too short may have lost any of its cells',
  status: 400,
  body: ['CSV is missing data at row #1. Required fields are [course_id, status, student_key].'],
  job: null,
  result: null,
};
const withoutStaff = {
  because:
    'files have the columns of a Registrar without flags; who is staff is in the graph: ProgramCourseEnrollment.courseStaff',
};
const inEnglish = [
  '001,active,True',
  '003,active,True',
  '002,active,False',
  '004,inactive,False',
  'Mixed-Case,active,True',
]
  .map((row) => `ENG55-S19,${row}⏎`)
  .join('\n');
const withoutAddress = {
  because: 'the address of a learner is not told; their account is in the graph: LearnerLink.lmsUsername',
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
  'auth 16': {
    because: 'there is no token to fetch: a header that no form of another site can send is enough, X-CSRFToken too',
    body: {
      detail: 'CSRF Failed: Send the header X-Requested-With when you come by cookie, from a page of this site.',
    },
  },
  'auth 17': { ...nowhere, because: 'there is no token to fetch', status: 404 },
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
  'csv-uploads 21': { because: courseStaff.because, rows: [['001', 'active', null, true]] },
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
  'reports 1': allReports,
  'settings-variants 9': { ...allReports, because: 'reports are in a folder; the folder here has more of them' },
  'reports 2': newestFirst,
  'reports 4': noDay,
  'reports 5': noDay,
  'reports 6': { because: 'a program of which nobody has made a report has none', status: 200, body: [] },
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
  ...faultImprovements,
};
