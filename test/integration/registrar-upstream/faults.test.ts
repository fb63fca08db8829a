import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createProgramEnrollmentWrites } from '../../../src/datasources/program/write-program-enrollments.js';
import { createRegistrarEnrollmentStore } from '../../../src/datasources/registrar/enrollment-store.js';
import { createRegistrarPrograms } from '../../../src/datasources/registrar/programs.js';
import { createRegistrarReads } from '../../../src/datasources/registrar/read-enrollments.js';
import type { RegistrarClient } from '../../../src/datasources/registrar/registrar-client.js';
import { answerJson, type SeenRequest } from '../datasources/scripted-lms.js';
import { collect, connectRegistrar, program, startScriptedRegistrar } from './scripted-registrar.js';

/** Each kind of call of a Registrar, with each way in which one fails. */

const job = { purpose: 'job' } as const;

/** Answers that are none, and what they come to. */
const faults: Record<string, { fail: (response: ServerResponse) => void; why: string }> = {
  down: { fail: (response) => answerJson(response, 503, { detail: 'x' }), why: 'server-error' },
  throttled: {
    fail: (response) => answerJson(response, 429, { detail: 'x' }, { 'retry-after': '60' }),
    why: 'throttled',
  },
  // No answer at all, until the caller leaves.
  slow: { fail: () => {}, why: 'timeout' },
  'cut off': { fail: (response) => void response.destroy(), why: 'unreachable' },
  'a page of HTML': {
    fail: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    why: 'bad-answer',
  },
  // No list of course runs either.
  'JSON of another shape': { fail: (response) => answerJson(response, 200, [1]), why: 'bad-answer' },
  'a redirect': {
    fail: (response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    why: 'bad-answer',
  },
  'a refusal of the token': {
    fail: (response) => answerJson(response, 401, { detail: 'Invalid token.' }),
    why: 'credentials',
  },
};

interface Kind {
  hits(request: SeenRequest): boolean;
  ask(client: RegistrarClient): Promise<unknown>;
}

const writesOf = (client: RegistrarClient) =>
  createProgramEnrollmentWrites(createRegistrarEnrollmentStore(client, createRegistrarReads(client)));
const write = async (client: RegistrarClient, method: 'PUT' | 'PATCH') => {
  const { trouble } = await writesOf(client).write(
    { program },
    [{ externalKey: '001', status: 'enrolled' }],
    { method },
    job,
  );
  if (trouble) throw trouble;
};
const kinds: Record<string, Kind> = {
  'a list of programs': {
    hits: ({ url }) => url.startsWith('/api/v3/'),
    ask: async (client) => {
      for await (const page of createRegistrarPrograms(client).list({}, job)) expect(page).toBeDefined();
    },
  },
  'one program': {
    hits: ({ url }) => url === '/api/v1/programs/masters-in-cs',
    ask: (client) => createRegistrarPrograms(client).find(program.key, job),
  },
  'course runs': {
    hits: ({ url }) => url.endsWith('/courses'),
    ask: (client) => createRegistrarPrograms(client).runsOf(program.key, job),
  },
  'the beginning of a job': {
    hits: ({ url }) => url.includes('/enrollments'),
    ask: (client) => collect(createRegistrarReads(client).learnersOf(program, job)),
  },
  'a look at a job': {
    hits: ({ url }) => url.startsWith('/api/v1/jobs/'),
    ask: (client) => collect(createRegistrarReads(client).learnersOf(program, job)),
  },
  'an upsert': { hits: ({ method }) => method === 'POST', ask: (client) => write(client, 'PUT') },
  'the second half of an upsert': { hits: ({ method }) => method === 'PATCH', ask: (client) => write(client, 'PUT') },
  'a change': { hits: ({ method }) => method === 'PATCH', ask: (client) => write(client, 'PATCH') },
};

describe.each(Object.entries(kinds))('%s', (_, { hits, ask }) => {
  test.each(Object.entries(faults))('that is answered by %s', async (__, { fail, why }) => {
    await using registrar = await startScriptedRegistrar({
      before: (request, response) => {
        if (!hits(request)) return false;
        fail(response);
        return true;
      },
    });
    registrar.learners.set('001', 'pending');
    await using client = connectRegistrar(registrar.url, { callMs: 300 });
    await expect(ask(client)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream: 'registrar', why });
    // A try and two more at most: nothing is asked again and again.
    expect(registrar.seen.filter(hits).length).toBeLessThanOrEqual(3);
  });
});

test('an address where there is no Registrar is refused, and not taken for one without programs', async () => {
  await using registrar = await startScriptedRegistrar({
    before: (_, response) => {
      answerJson(response, 404, { detail: 'x' });
      return true;
    },
  });
  await using client = connectRegistrar(registrar.url);
  const list = (organizationKey?: string) =>
    createRegistrarPrograms(client).list({ organizationKey }, job)[Symbol.asyncIterator]().next();
  await expect(list()).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED', upstream: 'registrar', status: 404 });
  expect(await list('unknown')).toMatchObject({ value: { programs: [] } });
});

test('a Registrar that failed again and again is left alone for a moment', async () => {
  await using registrar = await startScriptedRegistrar({
    before: (_, response) => {
      answerJson(response, 500, { detail: 'x' });
      return true;
    },
  });
  await using client = connectRegistrar(registrar.url);
  const ask = () => createRegistrarPrograms(client).find(program.key, job);
  for (let turn = 0; turn < 6; turn += 1) await ask().catch(() => undefined);
  const before = registrar.seen.length;
  await expect(ask()).rejects.toMatchObject({ why: 'circuit-open' });
  expect(registrar.seen).toHaveLength(before);
  expect(client.status()).toMatchObject({ upstream: 'registrar', breaker: 'open' });
});
