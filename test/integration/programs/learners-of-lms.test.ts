import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DEMO_PROGRAMS } from '../../../sandbox/lms/demo-programs.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import {
  type LearnerLink,
  LearnerLinkEntity,
  LearnerLinkEventEntity,
} from '../../../src/entities/learner-link.entity.js';
import type { Program } from '../../../src/entities/program.entity.js';
import {
  ProgramCourseEnrollmentEntity,
  ProgramEnrollmentEntity,
} from '../../../src/entities/program-enrollment.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { adoptLearners } from '../../../src/services/learner-link/adopt-learners.js';
import { followLms } from '../../../src/services/learner-link/follow-lms.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { pullLever } from '../../support/sandbox-levers.js';

const { uuid } = DEMO_PROGRAMS.masters;
const job = { purpose: 'job' } as const;

let site: GraphSite;
let program: Program;
beforeAll(async () => {
  site = await startGraphSite();
  const { programs } = site.gateway.context.services;
  program = await programs.link({ key: 'masters-in-cs', uuid, organizationKey: 'DemoU' }, systemActor);
  await site.gateway.context.services.programLearners.read(program, job);
});
afterEach(() => site.lms.faults([]));
afterAll(() => site[Symbol.asyncDispose]());

const em = () => site.gateway.context.orm.em.fork();
const read = () => site.gateway.context.services.programLearners.read(program, job);
const learner = (externalKey: string): Promise<LearnerLink> => em().findOneOrFail(LearnerLinkEntity, { externalKey });
const history = async (externalKey: string) => {
  const { id } = await learner(externalKey);
  const events = await em().find(LearnerLinkEventEntity, { learnerLinkId: id }, { orderBy: { at: 'asc', id: 'asc' } });
  return events.map(({ to, cause }) => [to, cause]);
};

test('learners are stored with their status and whom the LMS has tied them to; the others wait', async () => {
  const rows = await em().find(ProgramEnrollmentEntity, { programId: program.id });
  const links = new Map((await em().findAll(LearnerLinkEntity)).map((link) => [link.id, link]));
  const stored = rows.map(({ learnerLinkId, status }) => {
    const link = links.get(learnerLinkId);
    return [link?.externalKey, status, link?.state, link?.lmsUsername];
  });
  expect(stored.sort()).toEqual([
    ['DU-0001', 'enrolled', 'LINKED', 'ada'],
    ['DU-0002', 'enrolled', 'LINKED', 'mira'],
    ['DU-0003', 'suspended', 'LINKED', 'noah'],
    ['DU-0004', 'enrolled', 'WAITING', null],
    ['DU-0005', 'pending', 'WAITING', null],
    ['DU-0007', 'canceled', 'WAITING', null],
    ['Du-0006', 'enrolled', 'WAITING', null],
  ]);
});

test('their course runs are stored, too', async () => {
  const { id } = await learner('DU-0002');
  const enrollment = await em().findOneOrFail(ProgramEnrollmentEntity, { learnerLinkId: id });
  const courses = await em().find(
    ProgramCourseEnrollmentEntity,
    { programEnrollmentId: enrollment.id },
    { orderBy: { courseKey: 'asc' } },
  );
  expect(courses.map(({ courseKey, status }) => [courseKey, status])).toEqual([
    ['course-v1:DemoU+CS101+2026_T1', 'active'],
    ['course-v1:DemoU+MATH110+2026_T1', 'active'],
  ]);
});

test('reading again changes nothing and adds nothing to the history', async () => {
  const before = await history('DU-0001');
  await read();
  expect(await history('DU-0001')).toEqual(before);
  expect(before).toEqual([
    ['WAITING', 'lms'],
    ['LINKED', 'lms'],
  ]);
});

test('an account that appears after its learner is tied to it, in whatever case the name is', async () => {
  const ada = await site.aPerson({ username: 'ada' });
  expect((await learner('DU-0001')).accountId).toBeNull();
  await em().transactional(async (tx) => {
    const link = await tx.findOneOrFail(EdxLinkEntity, { accountId: ada.id });
    await adoptLearners(tx, { ...link, edxUsername: 'ADA' }, new Date());
  });
  expect(await learner('DU-0001')).toMatchObject({ state: 'LINKED', accountId: ada.id });
  expect(await history('DU-0001')).toContainEqual(['LINKED', 'account-appeared']);
});

test('an account that was there before the LMS named the learner is tied by the next reading', async () => {
  const mira = await site.aPerson({ username: 'mira' });
  await read();
  expect(await learner('DU-0002')).toMatchObject({ state: 'LINKED', accountId: mira.id });
});

test('a learner who signs in at their school is tied as soon as the LMS tells', async () => {
  await pullLever(site.gateway.sandbox.lmsUrl, 'POST', 'sign-in', { username: 'sam', uid: 'demou:du-0004' });
  await read();
  expect(await learner('DU-0004')).toMatchObject({ state: 'LINKED', lmsUsername: 'sam' });
});

test('who is a learner of the organization by another key already is a conflict that says so', async () => {
  const links = await em().find(LearnerLinkEntity, { externalKey: 'DU-0001' });
  const [ada] = links;
  await em().transactional(async (tx) => {
    const waiting = await tx.findOneOrFail(LearnerLinkEntity, { externalKey: 'DU-0005' });
    Object.assign(waiting, { state: 'LINKED', lmsUsername: 'ada' });
    await tx.flush();
    const link = await tx.findOneOrFail(EdxLinkEntity, { accountId: ada?.accountId ?? '' });
    await adoptLearners(tx, link, new Date());
  });
  expect(await learner('DU-0005')).toMatchObject({
    state: 'CONFLICT',
    reason: 'This person is the organization’s learner DU-0001 already.',
  });
});

test('of two keys that the LMS ties to one account in one reading, the first has it and the other is a conflict', async () => {
  const twin = await site.aPerson({ username: 'twin' });
  const { organizationId } = program;
  await em().transactional(async (tx) => {
    for (const externalKey of ['TW-1', 'TW-2', 'TW-3'])
      tx.create(LearnerLinkEntity, { organizationId, externalKey, state: 'WAITING', source: 'upload' });
    await tx.flush();
    const seen = ['TW-1', 'TW-2'].map((externalKey) => ({ externalKey, username: 'twin' }));
    await followLms(tx, organizationId, [...seen, { externalKey: 'TW-3', username: 'nobody-here' }], new Date());
  });
  const tied = await Promise.all(['TW-1', 'TW-2', 'TW-3'].map(learner));
  expect(tied.map(({ state, accountId, lmsUsername }) => [state, accountId, lmsUsername])).toEqual([
    ['LINKED', twin.id, 'twin'],
    ['CONFLICT', twin.id, 'twin'],
    ['LINKED', null, 'nobody-here'],
  ]);
  expect(tied[1]?.reason).toBe('This person is the organization’s learner TW-1 already.');
  expect(await history('TW-2')).toEqual([['CONFLICT', 'lms']]);
});

test('an enrollment that the LMS does not have any more is not confirmed any more', async () => {
  const { programs } = site.gateway.sandbox.state;
  const { id } = await learner('DU-0007');
  const gone = programs.enrollment(uuid, 'DU-0007');
  if (!gone) throw new Error('the sandbox has no DU-0007');
  programs.delete(gone);
  await read();
  const enrollment = await em().findOneOrFail(ProgramEnrollmentEntity, { learnerLinkId: id });
  expect(enrollment.confirmedAt).toBeNull();
});

test('what was read stays while the LMS is away, and an unknown program is told', async () => {
  const { programLearners, programs } = site.gateway.context.services;
  await site.lms.faults([{ match: '/api/program_enrollments/*', mode: 'down', times: 100 }]);
  const before = await em().count(ProgramEnrollmentEntity, { programId: program.id });
  await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  await programLearners.keepFresh({ ...program, learnersReadAt: new Date(0) }, { purpose: 'request' });
  expect(await em().count(ProgramEnrollmentEntity, { programId: program.id })).toBe(before);
  await site.lms.faults([]);
  const unknown = await programs.link(
    { key: 'unknown', uuid: 'e0000000-0000-4000-8000-00000000000e', organizationKey: 'DemoU' },
    systemActor,
  );
  await expect(programLearners.read(unknown, job)).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED', status: 404 });
});
