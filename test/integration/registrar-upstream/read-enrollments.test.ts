import { expect, test } from 'vitest';
import type { ProgramEnrollmentReads } from '../../../src/datasources/program/read-enrollments.js';
import { createRegistrarReads } from '../../../src/datasources/registrar/read-enrollments.js';
import { answerJson, startScriptedLms } from '../datasources/scripted-lms.js';
import {
  collect,
  connectRegistrar,
  job,
  program,
  run,
  type Script,
  secondRun,
  startScriptedRegistrar,
} from './scripted-registrar.js';

async function openReads(script: Script = {}, options: Parameters<typeof connectRegistrar>[1] = {}) {
  const registrar = await startScriptedRegistrar(script);
  const client = connectRegistrar(registrar.url, options);
  return {
    registrar,
    client,
    reads: createRegistrarReads(client),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await registrar[Symbol.asyncDispose]();
    },
  };
}

async function learners(reads: ProgramEnrollmentReads) {
  return collect(reads.learnersOf(program, job));
}

test('learners are read by a job that is followed to its end, whose file is asked for without the token', async () => {
  await using site = await openReads({ states: ['Pending', 'In Progress', 'Retrying'] });
  site.registrar.learners.set('001', 'enrolled').set('Mixed-Case', 'pending');
  expect(await learners(site.reads)).toEqual([
    { externalKey: '001', status: 'enrolled', hasAccount: false, curriculumUuid: null, username: null },
    { externalKey: 'Mixed-Case', status: 'pending', hasAccount: false, curriculumUuid: null, username: null },
  ]);
  expect(site.registrar.calls()).toEqual([
    'GET …/enrollments?fmt=json',
    ...Array.from({ length: 4 }, () => 'GET /api/v1/jobs/{job}'),
    'GET /api/media/{job}.json',
  ]);
});

test('who a learner is, is known where the Registrar tells it', async () => {
  const rows = [
    { student_key: 'a', status: 'enrolled', account_exists: true, username: 'ada', email: 'a@example.org' },
    { student_key: 'b', status: 'enrolled', account_exists: false, username: '', email: '' },
    { student_key: 'A', status: 'canceled', account_exists: false },
    { student_key: 'c', status: 'of-another-release', account_exists: false },
  ];
  await using site = await openReads({ result: JSON.stringify(rows) });
  expect((await learners(site.reads)).map(({ externalKey, username }) => [externalKey, username])).toEqual([
    ['a', 'ada'],
    ['b', null],
  ]);
});

test('learners of all runs of a program come by one job, of one run by a job of its own', async () => {
  await using site = await openReads();
  site.registrar.inRun.set('001', 'active').set('002', 'inactive');
  const seen: unknown[] = [];
  await site.reads.eachCourseLearner(
    program,
    [run, secondRun],
    async (courseKey, rows) =>
      void seen.push([courseKey, rows.map(({ externalKey, status }) => [externalKey, status])]),
    job,
  );
  const both = [
    ['001', 'active'],
    ['002', 'inactive'],
  ];
  expect(seen).toEqual([[run.courseKey, both]]);
  expect(site.registrar.calls()[0]).toBe('GET …/course_enrollments?fmt=json');
  expect(site.registrar.seen).toHaveLength(3);
  const rows = await collect(site.reads.courseLearnersOf(program, run.courseKey, job));
  expect(rows.map(({ externalKey, status }) => [externalKey, status])).toEqual(both);
  expect(site.registrar.calls()[3]).toBe(`GET …/courses/${run.courseKey}/enrollments?fmt=json`);
});

test('a program without runs costs no call', async () => {
  await using site = await openReads();
  await site.reads.eachCourseLearner(program, [], async () => {}, job);
  expect(site.registrar.seen).toEqual([]);
});

test.each(['Failed', 'Canceled'])('a job that ends as %s is trouble, and says where to look', async (state) => {
  await using site = await openReads({ states: ['In Progress', state] });
  await expect(learners(site.reads)).rejects.toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    upstream: 'registrar',
    message: expect.stringMatching(new RegExp(`ended as ${state}.*log`)),
  });
});

test('a job that nobody ever takes is given up', async () => {
  await using site = await openReads({ states: Array.from({ length: 99 }, () => 'Pending') }, { jobMs: 500 });
  await expect(learners(site.reads)).rejects.toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    why: 'timeout',
    message: expect.stringContaining('is Pending after'),
  });
  expect(site.registrar.seen.length).toBeLessThan(6);
});

test('whoever leaves is not kept by a job', async () => {
  await using site = await openReads({ states: Array.from({ length: 99 }, () => 'Pending') }, { jobMs: 60_000 });
  const leaving = new AbortController();
  const list = collect(site.reads.learnersOf(program, { ...job, signal: leaving.signal }));
  leaving.abort(new Error('gone'));
  await expect(list).rejects.toThrow('gone');
});

test('a file elsewhere is not fetched, unless the operator has named the place', async () => {
  await using bucket = await startScriptedLms((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  const resultUrl = () => `${bucket.url}/job-results/x.json?X-Amz-Signature=abc`;
  await using refusing = await openReads({ resultUrl });
  await expect(learners(refusing.reads)).rejects.toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    message: expect.stringContaining('REGISTRAR_RESULT_ORIGINS'),
  });
  expect(bucket.seen).toEqual([]);
  await using trusting = await openReads({ resultUrl }, { resultOrigins: [bucket.url] });
  expect(await learners(trusting.reads)).toEqual([]);
  expect(bucket.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/job-results/x.json?X-Amz-Signature=abc', undefined],
  ]);
});

test.each(['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'http://user:secret@'])(
  'an address like %s is never asked',
  async (address) => {
    await using site = await openReads({
      resultUrl: (own) => (address.endsWith('@') ? own.replace('http://', address) : address),
    });
    await expect(learners(site.reads)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', why: 'bad-answer' });
    expect(site.registrar.calls().filter((call) => call.includes('media'))).toEqual([]);
  },
);

test('a redirect of the file is followed among the places that are named, and to no other', async () => {
  let target = '';
  await using site = await openReads({
    before: ({ url }, response) => {
      if (!url.startsWith('/api/media/') || url.includes('moved')) return false;
      response.writeHead(303, { location: target }).end();
      return true;
    },
    result: '[]',
  });
  target = '/api/media/moved.json';
  expect(await learners(site.reads)).toEqual([]);
  target = 'http://127.0.0.1:9/inner';
  await expect(learners(site.reads)).rejects.toThrow('REGISTRAR_RESULT_ORIGINS');
});

const oddFiles: [string, Script][] = [
  ['no result', { resultUrl: () => null }],
  ['no address', { resultUrl: () => 'nowhere' }],
  ['no JSON', { result: '<html>' }],
  ['no list', { result: '{"detail": "x"}' }],
  ['rows of another kind', { result: '[{"student_key": 1}]' }],
];
test.each(oddFiles)('a file that is %s is an answer that cannot be understood', async (_, script) => {
  await using site = await openReads(script);
  await expect(learners(site.reads)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', why: 'bad-answer' });
});

test('a program that is not there says where it would have to be', async () => {
  await using site = await openReads();
  const elsewhere = site.reads.learnersOf({ key: 'other', uuid: null }, job);
  await expect(collect(elsewhere)).rejects.toMatchObject({
    code: 'UPSTREAM_REJECTED',
    status: 404,
    message: expect.stringContaining('no program other'),
  });
});

/** A Registrar that refuses the enrollments, and describes the program so. */
const forbidding = (detail: object): Script => ({
  before: ({ url }, response) => {
    if (url === '/api/v1/programs/masters-in-cs')
      answerJson(response, 200, {
        program_key: 'masters-in-cs',
        program_title: 'T',
        program_url: null,
        permissions: [],
        ...detail,
      });
    else answerJson(response, 403, { detail: 'You do not have permission to perform this action.' });
    return true;
  },
});

test('a program that is no Masters has nobody in a Registrar', async () => {
  await using site = await openReads(forbidding({ program_type: 'MicroMasters' }));
  expect(await learners(site.reads)).toEqual([]);
  expect(site.registrar.seen).toHaveLength(2);
});

test.each([
  ['Masters', 'organization_read_write_enrollments'],
  [null, 'could not ask Discovery'],
])('a refusal in a program of the type %s is the operator’s affair', async (type, words) => {
  await using site = await openReads(forbidding({ program_type: type }));
  await expect(learners(site.reads)).rejects.toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    why: 'credentials',
    message: expect.stringContaining(words),
  });
});
