import type { Improvement } from './compare-registrar.js';

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
