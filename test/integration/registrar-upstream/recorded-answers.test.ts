import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EnrollmentWrite } from '../../../src/datasources/program/enrollment-store.js';
import { createProgramEnrollmentWrites } from '../../../src/datasources/program/write-program-enrollments.js';
import { createRegistrarEnrollmentStore } from '../../../src/datasources/registrar/enrollment-store.js';
import { createRegistrarPrograms } from '../../../src/datasources/registrar/programs.js';
import { createRegistrarReads } from '../../../src/datasources/registrar/read-enrollments.js';
import { type RecordedExchange, titleOf } from '../../contract/recordings/exchange.js';
import { parseRecording } from '../../contract/recordings/parse-recording.js';
import { answerJson } from '../datasources/scripted-lms.js';
import { connectRegistrar, job, startScriptedRegistrar } from './scripted-registrar.js';

/** What the client makes of answers that were recorded from a running Registrar. */

const exchanges = ['programs', 'program-enrollments', 'course-enrollments'].flatMap((file) =>
  parseRecording(
    file,
    readFileSync(new URL(`../../fixtures/transcripts/registrar/${file}.md`, import.meta.url), 'utf8'),
  ),
);

interface SentRow {
  student_key: string;
  status: string;
  course_staff?: boolean;
}

/** Outcomes of the words that are none of success. */
const outcomes: Record<string, string> = {
  conflict: 'CONFLICT',
  'invalid-status': 'INVALID_STATUS',
  'not-in-program': 'NOT_IN_PROGRAM',
  'not-found': 'NOT_FOUND',
};

/** Writes of rows that Portico would send just so, which were answered row by row. */
const writes = exchanges.flatMap((exchange) => {
  const { request, answer } = exchange;
  const rows = request.method === 'GET' ? undefined : parse<SentRow[]>(request.body);
  const words = parse<Record<string, string>>(answer.body);
  const isWritten = Array.isArray(rows) && rows.length > 0 && /\/enrollments\/?(\?|$)/.test(request.target);
  if (!isWritten || ![200, 207, 422].includes(answer.status) || !words || Array.isArray(words)) return [];
  const isSendable = rows.every(
    ({ student_key, status, course_staff }, index) =>
      typeof student_key === 'string' &&
      ['enrolled', 'pending', 'suspended', 'canceled', 'ended', 'active', 'inactive'].includes(status) &&
      student_key === student_key.trim() &&
      student_key !== '' &&
      !student_key.includes(':') &&
      (course_staff === undefined || typeof course_staff === 'boolean') &&
      rows.findIndex((row) => row.student_key.toLowerCase() === student_key.toLowerCase()) === index,
  );
  return isSendable ? [{ exchange, rows, words }] : [];
});

function parse<T>(text: string | null): T | undefined {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A Registrar that gives a recorded answer, once; what is asked beside it is answered by a list without anybody. */
async function replaying({ request, answer }: RecordedExchange) {
  let isGiven = false;
  const registrar = await startScriptedRegistrar({
    before: ({ method }, response) => {
      if (isGiven || method !== request.method) return false;
      isGiven = true;
      answerJson(response, answer.status, JSON.parse(answer.body ?? 'null'));
      return true;
    },
  });
  const client = connectRegistrar(registrar.url);
  return {
    registrar,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await registrar[Symbol.asyncDispose]();
    },
  };
}

describe('rows that were written', () => {
  test('were recorded in number', () => expect(writes.length).toBeGreaterThan(8));

  test.each(writes.map((write) => [titleOf(write.exchange), write] as const))('%s', async (_, write) => {
    await using site = await replaying(write.exchange);
    const store = createRegistrarEnrollmentStore(site.client, createRegistrarReads(site.client));
    const courseKey = /\/courses\/(.+)\/enrollments/.exec(write.exchange.request.target)?.[1];
    const { rows } = await createProgramEnrollmentWrites(store).write(
      { program: { key: 'masters-in-cs', uuid: null }, courseKey: courseKey && decodeURIComponent(courseKey) },
      write.rows.map(
        ({ student_key, status, course_staff }): EnrollmentWrite => ({
          externalKey: student_key,
          status,
          courseStaff: course_staff,
        }),
      ),
      { method: write.exchange.request.method === 'POST' ? 'POST' : 'PATCH' },
      job,
    );
    const [sent] = site.registrar.seen;
    expect(JSON.parse(sent?.body ?? '')).toEqual(write.rows);
    for (const { row, outcome } of rows) {
      const word = write.words[row.externalKey] ?? '';
      if (word === row.status) expect([word, outcome]).toEqual([word, 'OK']);
      else if (outcomes[word] !== undefined) expect([word, outcome]).toEqual([word, outcomes[word]]);
      // A word of trouble is never passed off as done.
      else expect(outcome).not.toBe('OK');
    }
    expect(rows).toHaveLength(write.rows.length);
  });
});

const recorded = (file: string, target: string) => {
  const found = exchanges.find(
    (exchange) => exchange.file === file && exchange.request.target === target && exchange.answer.status === 200,
  );
  if (!found) throw new Error(`${target} was not recorded`);
  return found;
};

test('a page of programs, as it was recorded', async () => {
  await using site = await replaying(
    recorded('programs', '/api/v3/programs?page=2&page_size=2&user_has_perm=read_enrollments'),
  );
  const programs = [];
  for await (const page of createRegistrarPrograms(site.client).list({}, job)) programs.push(...page.programs);
  expect(programs).toEqual([
    {
      key: 'empty-masters',
      title: 'Empty Masters',
      url: 'http://localhost:18982/about/masters/6',
      typeName: 'Masters',
      permissions: ['read_enrollments', 'read_metadata', 'read_reports', 'write_enrollments'],
    },
  ]);
});

test('course runs, as they were recorded', async () => {
  await using site = await replaying(recorded('programs', '/api/v1/programs/masters-in-cs/courses'));
  const runs = await createRegistrarPrograms(site.client).runsOf('masters-in-cs', job);
  expect(runs.map(({ courseKey, externalKey }) => [courseKey, externalKey])).toEqual([
    ['course-v1:HUMx+English-550+Spring', 'ENG55-S19'],
    ['course-v1:HUMx+Spanish-1000+Spring', 'SPAN101-S19'],
    ['course-v1:HUMx+Math-100+Fall', null],
    ['HUMx/Hist-10/2014', 'HIST:10-2014'],
  ]);
});

test('a program about which the Registrar could not ask Discovery, as it was recorded', async () => {
  await using site = await replaying(recorded('programs', '/api/v1/programs/gone-from-discovery'));
  expect(await createRegistrarPrograms(site.client).find('gone-from-discovery', job)).toMatchObject({ typeName: null });
});
