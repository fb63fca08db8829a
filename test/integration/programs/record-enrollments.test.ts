import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrganizationEntity } from '../../../src/entities/organization.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { ProgramEntity } from '../../../src/entities/program.entity.js';
import {
  recordProgramCourseEnrollments,
  recordProgramEnrollments,
} from '../../../src/services/program/record-enrollments.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createTestDatabase();
  orm = createOrm({ url: database.url, poolSize: 8 });
});
afterAll(async () => {
  await orm.close();
  await database[Symbol.asyncDispose]();
});

const early = new Date('2026-11-01T08:00:00Z');
const late = new Date('2026-11-02T08:00:00Z');
const curriculumUuid = randomUUID();
const enrolled = { status: 'enrolled', curriculumUuid } as const;

async function addProgram(): Promise<{ programId: string; organizationId: string }> {
  const em = orm.em.fork();
  const key = `school-${randomUUID()}`;
  const organization = em.create(OrganizationEntity, { key, name: 'A school' });
  await em.flush();
  const program = em.create(ProgramEntity, { key: `${key}-masters`, organizationId: organization.id });
  await em.flush();
  return { programId: program.id, organizationId: organization.id };
}

function record(programId: string, rows: Parameters<typeof recordProgramEnrollments>[2], confirmedAt = early) {
  return orm.em
    .fork()
    .transactional((tx) => recordProgramEnrollments(tx, { programId, confirmedAt, source: 'upload' }, rows));
}

function readEnrollments(programId: string) {
  return orm.em
    .fork()
    .execute<{ key: string; state: string; status: string; curriculum: string | null; events: number }[]>(
      `select link.external_key as key, link.state, enrollment.status, enrollment.curriculum_uuid as curriculum,
       (select count(*)::int from learner_link_event event where event.learner_link_id = link.id) as events
     from program_enrollment enrollment join learner_link link on link.id = enrollment.learner_link_id
     where enrollment.program_id = ? order by link.external_key`,
      [programId],
    );
}

test('a learner is one, in whatever letter case, and waits for an account', async () => {
  const { programId } = await addProgram();
  await record(programId, [
    { externalKey: 'Mixed-Case', status: 'pending', curriculumUuid },
    { externalKey: '002', ...enrolled },
  ]);
  await record(programId, [{ externalKey: 'mixed-case', status: 'enrolled', curriculumUuid: null }], late);
  expect(await readEnrollments(programId)).toEqual([
    { key: '002', state: 'WAITING', status: 'enrolled', curriculum: curriculumUuid, events: 1 },
    { key: 'Mixed-Case', state: 'WAITING', status: 'enrolled', curriculum: curriculumUuid, events: 1 },
  ]);
});

test('what was seen later stays', async () => {
  const { programId } = await addProgram();
  await record(programId, [{ externalKey: '001', status: 'ended', curriculumUuid }], late);
  await record(programId, [{ externalKey: '001', ...enrolled }], early);
  expect(await readEnrollments(programId)).toMatchObject([{ status: 'ended' }]);
});

test('of one key given twice the last row counts', async () => {
  const { programId } = await addProgram();
  await record(programId, [
    { externalKey: 'a', ...enrolled },
    { externalKey: 'A', status: 'canceled', curriculumUuid },
  ]);
  expect(await readEnrollments(programId)).toMatchObject([{ key: 'a', status: 'canceled' }]);
});

test('writers at the same time make one learner and one enrollment', async () => {
  const { programId } = await addProgram();
  const rows = ['a', 'b', 'c', 'd'].map((externalKey) => ({ externalKey, ...enrolled }));
  await Promise.all(Array.from({ length: 6 }, () => record(programId, rows)));
  expect((await readEnrollments(programId)).map(({ key, events }) => [key, events])).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['d', 1],
  ]);
});

test('runs of a learner are stored beside the program enrollment; an unknown learner is left out', async () => {
  const { programId } = await addProgram();
  await record(programId, [{ externalKey: '001', ...enrolled }]);
  const at = { programId, confirmedAt: late, source: 'upload' };
  const courseKey = 'course-v1:edX+DemoX+Demo_Course';
  await orm.em.fork().transactional((tx) =>
    recordProgramCourseEnrollments(tx, at, [
      { externalKey: '001', courseKey, status: 'active', courseStaff: true },
      { externalKey: 'stranger', courseKey, status: 'active', courseStaff: null },
    ]),
  );
  await orm.em
    .fork()
    .transactional((tx) =>
      recordProgramCourseEnrollments(tx, at, [
        { externalKey: '001', courseKey, status: 'inactive', courseStaff: null },
      ]),
    );
  expect(
    await orm.em.fork().execute(
      `select course.course_key, course.status, course.course_staff from program_course_enrollment course
       join program_enrollment enrollment on enrollment.id = course.program_enrollment_id where program_id = ?`,
      [programId],
    ),
  ).toEqual([{ course_key: courseKey, status: 'inactive', course_staff: true }]);
});

test('keys are unique without regard to case, and an account is linked once in an organization', async () => {
  const { organizationId } = await addProgram();
  const em = orm.em.fork();
  const [{ key }] = await em.execute<[{ key: string }]>('select key from organization where id = ?', [organizationId]);
  await expect(
    em.execute(
      `insert into organization (id, created_at, updated_at, key, name) values (gen_random_uuid(), now(), now(), upper(?), 'B')`,
      [key],
    ),
  ).rejects.toThrow('organization_key');
  const link = (externalKey: string) =>
    em.execute(
      `insert into learner_link (id, created_at, updated_at, organization_id, external_key, state, account_id, source)
       select gen_random_uuid(), now(), now(), ?, ?, 'LINKED', account.id, 'test' from account limit 1`,
      [organizationId, externalKey],
    );
  await em.execute(
    `insert into account (id, created_at, updated_at, username, email, name, status, roles, profile)
     values (gen_random_uuid(), now(), now(), 'pat', 'pat@example.org', 'Pat', 'ACTIVE', '{}', '{}')`,
  );
  await link('k1');
  await expect(link('k2')).rejects.toThrow('learner_link_account');
  await expect(link('K1')).rejects.toThrow('learner_link');
});
