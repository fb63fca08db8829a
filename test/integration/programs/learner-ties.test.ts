import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PROGRAMS } from '../../../sandbox/lms/demo-programs.js';
import { LearnerLinkEntity, LearnerLinkEventEntity } from '../../../src/entities/learner-link.entity.js';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import type { Program } from '../../../src/entities/program.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { recordProgramEnrollments } from '../../../src/services/program/record-enrollments.js';
import { askGraph, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

const { uuid } = DEMO_PROGRAMS.masters;
const scope = 'programs:read programs:write';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
const gql = (caller: GraphCaller, query: string, input: object) => askGraph<any>(caller, query, { input });

let site: GraphSite;
let program: Program;
let callers: Record<'support' | 'writer' | 'reader' | 'stranger', GraphCaller>;
beforeAll(async () => {
  site = await startGraphSite();
  const { services } = site.gateway.context;
  program = await services.programs.link({ key: 'masters-in-cs', uuid, organizationKey: 'DemoU' }, systemActor);
  const alt = await services.programs.link(
    { key: 'alt', uuid: 'e0000000-0000-4000-8000-00000000000e', organizationKey: 'Alt' },
    systemActor,
  );
  for (const username of ['ada', 'sam', 'mira']) await site.aPerson({ username });
  await services.programLearners.read(program, { purpose: 'job' });
  callers = {
    support: await site.caller(await site.aPerson({ username: 'helper', roles: ['SUPPORT'], isLinked: false }), scope),
    writer: await partner('writer', 'ORGANIZATION_READ_WRITE_ENROLLMENTS', program),
    reader: await partner('reader', 'ORGANIZATION_READ_ENROLLMENTS', program),
    stranger: await partner('stranger', 'ORGANIZATION_READ_WRITE_ENROLLMENTS', alt),
  };
});
afterEach(() => site.lms.faults([]));
afterAll(() => site[Symbol.asyncDispose]());

async function partner(
  username: string,
  role: PartnerRole,
  { organizationId }: Pick<Program, 'organizationId'>,
): Promise<GraphCaller> {
  const account = await site.aPerson({ username, isLinked: false });
  const em = site.gateway.context.orm.em.fork();
  em.create(PartnerGrantEntity, { accountId: account.id, organizationId, role });
  await em.flush();
  return site.caller(account, scope);
}

const em = () => site.gateway.context.orm.em.fork();
const inLms = (key: string) => site.gateway.sandbox.state.programs.enrollment(uuid, key)?.username ?? null;
const causes = async (externalKey: string) => {
  const { id } = await em().findOneOrFail(LearnerLinkEntity, { externalKey });
  const events = await em().find(LearnerLinkEventEntity, { learnerLinkId: id }, { orderBy: { at: 'asc' } });
  return events.map(({ cause }) => cause);
};

const act = async (caller: GraphCaller, mutation: string, input: object) => {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await gql(
    caller,
    `mutation ($input: ${type}!) { ${mutation}(input: $input) {
      learner { externalKey state lmsUsername } userErrors { code message } } }`,
    input,
  );
  return data?.[mutation] ? data[mutation] : { error: errors?.[0]?.extensions?.code };
};
const demoU = (externalKey: string, more: object = {}) => ({ org: 'demou', externalKey, ...more });

describe('support', () => {
  test('says who a waiting learner is: the LMS has them in the program with their courses', async () => {
    const done = await act(callers.support, 'linkLearner', demoU('du-0004', { username: 'sam' }));
    expect(done).toEqual({
      learner: { externalKey: 'DU-0004', state: 'LINKED', lmsUsername: 'sam' },
      userErrors: [],
    });
    expect(inLms('DU-0004')).toBe('sam');
    expect(await causes('DU-0004')).toEqual(['lms', 'linked']);
    expect(await act(callers.support, 'linkLearner', demoU('DU-0004', { username: 'sam' }))).toEqual(done);
    expect(await causes('DU-0004')).toEqual(['lms', 'linked']);
  });

  test('does not move a learner by linking', async () => {
    const { learner, userErrors } = await act(callers.support, 'linkLearner', demoU('DU-0003', { username: 'ghost' }));
    expect({ learner, code: userErrors[0].code }).toEqual({ learner: null, code: 'NOT_FOUND' });
    await site.aPerson({ username: 'pia', isLinked: false });
    const tied = await act(callers.support, 'linkLearner', demoU('DU-0003', { username: 'pia' }));
    expect(tied.userErrors[0]).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('relinkLearner') });
    expect(inLms('DU-0003')).toBe('noah');
  });

  test('cannot make one person two learners of an organization', async () => {
    const again = await act(callers.support, 'linkLearner', demoU('DU-0005', { username: 'ada' }));
    expect(again.userErrors[0]).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('DU-0001') });
    expect(inLms('DU-0005')).toBeNull();
  });

  test('names a learner whom nobody has heard of yet', async () => {
    await site.aPerson({ username: 'nina', isLinked: false });
    expect(await act(callers.support, 'linkLearner', demoU('DU-0100', { username: 'nina' }))).toMatchObject({
      learner: { externalKey: 'DU-0100', state: 'LINKED', lmsUsername: null },
    });
  });
});

describe('a partner', () => {
  test('unties a learner of its own, and the next reading of the LMS does not tie them again', async () => {
    const { programLearners } = site.gateway.context.services;
    expect(await act(callers.writer, 'unlinkLearner', demoU('DU-0002'))).toEqual({
      learner: { externalKey: 'DU-0002', state: 'WAITING', lmsUsername: null },
      userErrors: [],
    });
    await programLearners.read(program, { purpose: 'job' });
    expect(await em().findOne(LearnerLinkEntity, { externalKey: 'DU-0002' })).toMatchObject({ state: 'WAITING' });
    expect((await act(callers.writer, 'unlinkLearner', demoU('DU-0002'))).userErrors[0].code).toBe('CONFLICT');
  });

  test('moves a learner to somebody who was its learner before, and to nobody else', async () => {
    expect(await act(callers.writer, 'relinkLearner', demoU('DU-0002', { username: 'mira' }))).toMatchObject({
      learner: { externalKey: 'DU-0002', state: 'LINKED', lmsUsername: 'mira' },
    });
    for (const username of ['learner00002', 'nobody-at-all'])
      expect((await act(callers.writer, 'relinkLearner', demoU('DU-0002', { username }))).userErrors[0]).toEqual({
        code: 'NOT_FOUND',
        message: 'There is no such account, or it is no learner of the organization.',
      });
  });

  test('reads how it became known who a learner is; who did it and the rest is for staff', async () => {
    const history = async (caller: GraphCaller, more: string) => {
      const { data, errors } = await askGraph<{ learner: { history: Record<string, unknown>[] } | null }>(
        caller,
        `{ learner(by: { org: "DemoU", externalKey: "DU-0002" }) { history { from to cause ${more} } } }`,
      );
      return { steps: data?.learner?.history.map(({ from, to, cause }) => [from, to, cause]), data, errors };
    };
    const { steps } = await history(callers.reader, 'at');
    expect(steps).toEqual([
      [null, 'WAITING', 'lms'],
      ['WAITING', 'LINKED', 'lms'],
      ['LINKED', 'WAITING', 'unlinked'],
      ['WAITING', 'LINKED', 'relinked'],
    ]);
    expect((await history(callers.support, 'detail')).steps).toEqual(steps);
    for (const field of ['detail', 'actor { username }'])
      expect((await history(callers.reader, field)).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect((await history(callers.stranger, 'at')).data?.learner).toBeNull();
  });

  test('is refused without the right, and told nothing of another organization', async () => {
    expect(await act(callers.reader, 'unlinkLearner', demoU('DU-0001'))).toEqual({ error: 'FORBIDDEN' });
    for (const mutation of ['unlinkLearner', 'linkLearner', 'relinkLearner', 'correctExternalKey']) {
      const more =
        mutation === 'unlinkLearner'
          ? {}
          : mutation === 'correctExternalKey'
            ? { newExternalKey: 'x' }
            : { username: 'ada' };
      const { learner, userErrors } = await act(callers.stranger, mutation, demoU('DU-0001', more));
      expect({ learner, code: userErrors[0].code }).toEqual({ learner: null, code: 'NOT_FOUND' });
    }
  });
});

describe('a key', () => {
  test('is corrected while the LMS does not have it; its letter case at any time', async () => {
    const correct = (from: string, newExternalKey: string) =>
      act(callers.writer, 'correctExternalKey', demoU(from, { newExternalKey }));
    expect((await correct('DU-0100', 'DU-0101')).learner.externalKey).toBe('DU-0101');
    expect((await correct('du-0006', 'DU-0006')).learner.externalKey).toBe('DU-0006');
    expect((await correct('DU-0006', 'DU-0016')).userErrors[0].code).toBe('CONFLICT');
    expect((await correct('DU-0101', 'du-0001')).userErrors[0].code).toBe('CONFLICT');
    expect((await correct('DU-0101', 'a:b')).userErrors[0].code).not.toBe('CONFLICT');
  });
});

describe('learners who wait', () => {
  test('for too long are forgotten, unless the LMS has them', async () => {
    const confirmedAt = new Date();
    await em().transactional(async (tx) => {
      const rows = ['DU-0200', 'DU-0201'].map((externalKey) => ({
        externalKey,
        status: 'enrolled' as const,
        curriculumUuid: null,
      }));
      await recordProgramEnrollments(tx, { programId: program.id, confirmedAt, source: 'test' }, rows);
      await tx.execute(
        `update learner_link set created_at = now() - interval '61 days' where external_key like 'DU-02%'`,
      );
      await tx.execute(
        `update program_enrollment set confirmed_at = null
         where learner_link_id = (select id from learner_link where external_key = 'DU-0200')`,
      );
    });
    const { data } = await gql(
      callers.writer,
      `mutation ($input: ExpireWaitingLearnersInput!) { expireWaitingLearners(input: $input) { expired kept } }`,
      { org: 'DemoU', olderThanDays: 60 },
    );
    expect(data?.expireWaitingLearners).toEqual({ expired: 1, kept: 1 });
    expect(await em().findOne(LearnerLinkEntity, { externalKey: 'DU-0200' })).toBeNull();
  });
});

// The last: its circuit stays open for a while.
test('an LMS that is away leaves all as it was', async () => {
  await site.lms.faults([{ match: '/support/*', mode: 'down', times: 100 }]);
  await site.aPerson({ username: 'learner00002' });
  const input = demoU('DU-0005', { username: 'learner00002' });
  expect(await act(callers.support, 'linkLearner', input)).toEqual({ error: 'UPSTREAM_UNAVAILABLE' });
  expect(await em().findOne(LearnerLinkEntity, { externalKey: 'DU-0005' })).toMatchObject({ state: 'WAITING' });
});
