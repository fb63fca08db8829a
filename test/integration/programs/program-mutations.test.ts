import { afterAll, beforeAll, expect, test } from 'vitest';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import { readGlobalId } from '../../../src/resolvers/global-id.js';
import { askGraph, dataOf, type GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { addTestProgram, runs } from './program-site.js';

/** What partners write by the graph; the test runs uploads in place of a worker. */

type Holder = GraphCaller & { token: string };

let site: GraphSite;
let admin: Holder;
beforeAll(async () => {
  site = await startGraphSite();
  const root = await site.aPerson({ username: 'program-admin', roles: ['ADMIN'], isLinked: false });
  admin = await site.caller(root, 'programs:read programs:write');
});
afterAll(() => site[Symbol.asyncDispose]());

async function aPartner(username: string, organizationId: string, role: PartnerRole): Promise<Holder> {
  const account = await site.aPerson({ username, roles: ['PARTNER'], isLinked: false });
  await site.gateway.context.orm.em.fork().insert(PartnerGrantEntity, {
    id: crypto.randomUUID(),
    createdAt: new Date(),
    updatedAt: new Date(),
    accountId: account.id,
    organizationId,
    role,
  });
  return site.caller(account, 'programs:read programs:write');
}

interface Payload {
  payload: {
    operation: { id: string; kind: string; state: string; total: number | null; failed: number } | null;
    rows?: { number: number; key: string; outcome: string; reason: string | null }[];
    userErrors: { code: string; field: string[] | null; message: string }[];
  };
}

const shown = 'operation { id kind state total failed }';
const errors = 'userErrors { code field message }';

const writeProgram = async (caller: Holder, input: Record<string, unknown>) =>
  (
    await dataOf(
      askGraph<Payload>(
        caller,
        `mutation ($input: WriteProgramEnrollmentsInput!) {
        payload: writeProgramEnrollments(input: $input) { ${shown} rows { number key outcome reason } ${errors} } }`,
        { input },
      ),
    )
  ).payload;
const writeCourse = async (caller: Holder, input: Record<string, unknown>) =>
  (
    await dataOf(
      askGraph<Payload>(
        caller,
        `mutation ($input: WriteCourseEnrollmentsInput!) {
        payload: writeCourseEnrollments(input: $input) { ${shown} rows { number key outcome reason } ${errors} } }`,
        { input },
      ),
    )
  ).payload;
const upload = async (caller: Holder, input: Record<string, unknown>) =>
  (
    await dataOf(
      askGraph<Payload>(
        caller,
        `mutation ($input: UploadProgramEnrollmentsInput!) {
        payload: uploadProgramEnrollments(input: $input) { ${shown} ${errors} } }`,
        { input },
      ),
    )
  ).payload;

const outcomes = ({ rows = [] }: Payload['payload']) => rows.map(({ key, outcome }) => `${key} ${outcome}`);

test('a few enrollments are added, changed or either, and each row says what became of it', async () => {
  const school = await addTestProgram(site.gateway);
  const programKey = school.program.key.toUpperCase();
  const rows = [
    { externalKey: 'w1', status: 'ENROLLED' },
    { externalKey: ' w2 ', status: 'PENDING' },
  ];
  const added = await writeProgram(admin, { programKey, mode: 'CREATE', rows });
  expect(added).toMatchObject({ userErrors: [], operation: { kind: 'WRITE_PROGRAM_ENROLLMENTS', state: 'SUCCEEDED' } });
  expect(outcomes(added)).toEqual(['w1 OK', 'w2 OK']);
  const again = await writeProgram(admin, { programKey, mode: 'CREATE', rows: [rows[0]] });
  expect(outcomes(again)).toEqual(['w1 CONFLICT']);
  expect(again.rows?.[0]?.reason).toContain('upsert');
  const changed = await writeProgram(admin, {
    programKey,
    mode: 'UPDATE',
    rows: [
      { externalKey: 'W1', status: 'SUSPENDED' },
      { externalKey: 'stranger', status: 'ENROLLED' },
      { externalKey: 'twice', status: 'ENROLLED' },
      { externalKey: 'TWICE', status: 'ENDED' },
    ],
  });
  expect(changed.operation).toMatchObject({ state: 'PARTIAL', total: 4, failed: 3 });
  expect(outcomes(changed)).toEqual(['W1 OK', 'stranger NOT_IN_PROGRAM', 'twice DUPLICATED', 'TWICE DUPLICATED']);
  expect(school.inLms()).toEqual(
    new Map([
      ['w1', 'suspended'],
      ['w2', 'pending'],
    ]),
  );
});

test('a few enrollments in a course run, which the partner may name by its own key', async () => {
  const school = await addTestProgram(site.gateway);
  const programKey = school.program.key;
  await writeProgram(admin, { programKey, rows: [{ externalKey: 'c1', status: 'ENROLLED' }] });
  const rows = [{ externalKey: 'c1', status: 'ACTIVE', courseStaff: false }];
  const added = await writeCourse(admin, { programKey, courseId: runs[0].externalKey, mode: 'CREATE', rows });
  expect(outcomes(added)).toEqual(['c1 OK']);
  const nowhere = await writeCourse(admin, { programKey, courseId: 'NOPE-1', rows });
  expect(nowhere.userErrors).toMatchObject([{ code: 'COURSE_NOT_FOUND', field: ['courseId'] }]);
  const elsewhere = { programKey, courseId: runs[1].courseKey, mode: 'UPDATE', rows };
  expect(outcomes(await writeCourse(admin, elsewhere))).toEqual(['c1 NOT_FOUND']);
});

test('a repeat by the same key answers the first write, and writes nothing', async () => {
  const { program } = await addTestProgram(site.gateway);
  const request = {
    programKey: program.key,
    mode: 'CREATE',
    rows: [{ externalKey: 'i1', status: 'ENROLLED' }],
    idempotencyKey: 'once',
  };
  const first = await writeProgram(admin, request);
  expect(await writeProgram(admin, request)).toEqual(first);
  const other = await writeProgram(admin, { ...request, rows: [{ externalKey: 'i2', status: 'ENROLLED' }] });
  expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
});

test('while the LMS is away a row says so, and is not left hanging', async () => {
  const { program } = await addTestProgram(site.gateway);
  await site.lms.faults([{ match: '/api/program_enrollments/*', mode: 'down' }]);
  const rows = [{ externalKey: 'd1', status: 'ENROLLED' }];
  const answer = await writeProgram(admin, { programKey: program.key, rows });
  await site.lms.heal();
  expect(answer).toMatchObject({ operation: { state: 'FAILED' }, rows: [{ outcome: 'UPSTREAM_TIMEOUT' }] });
});

test('a file comes with the request, or was sent before it', async () => {
  const school = await addTestProgram(site.gateway);
  const programKey = school.program.key;
  const { operations } = site.gateway.context.services;
  const run = async ({ operation }: Payload['payload']) =>
    operations.follow(readGlobalId('Operation', operation?.id ?? '', 'id'));

  const csv = 'student_key,status\nu1,enrolled\nu2,bad\n';
  const inline = await upload(admin, { programKey, csv, idempotencyKey: 'file' });
  expect(inline).toMatchObject({ userErrors: [], operation: { kind: 'UPLOAD_PROGRAM_ENROLLMENTS', state: 'QUEUED' } });
  expect((await upload(admin, { programKey, csv, idempotencyKey: 'file' })).operation?.id).toBe(inline.operation?.id);
  expect(await run(inline)).toMatchObject({ state: 'PARTIAL', total: 2, failed: 1 });

  const form = new FormData();
  form.set('file', new Blob(['student_key,status\r\nu3,pending\r\n']), 'a.csv');
  const headers = { authorization: `Bearer ${admin.token}` };
  const sent = await fetch(`${site.url}/api/uploads`, { method: 'POST', body: form, headers });
  const { uploadId } = (await sent.json()) as { uploadId: string };
  const foreseen = await upload(admin, { programKey, uploadId, dryRun: true });
  expect(await run(foreseen)).toMatchObject({ state: 'SUCCEEDED', total: 1 });
  expect(school.inLms().has('u3')).toBe(false);
  const written = await upload(admin, { programKey, uploadId });
  expect(await run(written)).toMatchObject({ state: 'SUCCEEDED', total: 1 });
  expect(school.inLms().get('u3')).toBe('pending');

  for (const input of [{ uploadId }, { uploadId: 'nonsense' }])
    expect((await upload(admin, { programKey, ...input })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  for (const [input, code] of [
    [{}, 'CSV_OR_UPLOAD'],
    [{ csv, uploadId }, 'CSV_OR_UPLOAD'],
    [{ csv: 'a,b\n1,2\n' }, 'MISSING_COLUMNS'],
  ] as const)
    expect((await upload(admin, { programKey, ...input })).userErrors).toMatchObject([{ code }]);
});

test('a partner writes programs of their organization; to others there are none', async () => {
  const own = await addTestProgram(site.gateway);
  const foreign = await addTestProgram(site.gateway);
  const writer = await aPartner('writer', own.program.organizationId, 'ORGANIZATION_READ_WRITE_ENROLLMENTS');
  const reader = await aPartner('reader', own.program.organizationId, 'ORGANIZATION_READ_ENROLLMENTS');
  const rows = [{ externalKey: 'p1', status: 'ENROLLED' }];
  expect(outcomes(await writeProgram(writer, { programKey: own.program.key, rows }))).toEqual(['p1 OK']);
  const elsewhere = await writeProgram(writer, { programKey: foreign.program.key, rows });
  expect(elsewhere.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  const nowhere = await writeProgram(writer, { programKey: 'no-such-program', rows });
  expect(nowhere.userErrors).toEqual(elsewhere.userErrors);
  const refused = await askGraph(
    reader,
    `mutation { uploadProgramEnrollments(input: { programKey: "${own.program.key}", csv: "a" }) { ${errors} } }`,
  );
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect(foreign.inLms().size).toBe(0);
});
