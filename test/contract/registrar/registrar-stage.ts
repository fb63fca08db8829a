import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { addCatalogCourse, addOrganization, addProgram } from '../../../sandbox/catalog/add.js';
import { addCourse, addUser } from '../../../sandbox/lms/population.js';
import type { Role } from '../../../src/access/viewer.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import { ProgramEntity } from '../../../src/entities/program.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';

const uuidOf = (kind: 2 | 3, number: number) => `${kind}0000000-0000-4000-8000-00000000000${number}`;
export const programUuid = (number: number | string) => uuidOf(2, Number(number));
export const curriculumUuid = (number: number | string) => uuidOf(3, Number(number));

export const masters = 'masters-in-cs';

const english = 'course-v1:HUMx+English-550+Spring';
const spanish = 'course-v1:HUMx+Spanish-1000+Spring';
const math = 'course-v1:HUMx+Math-100+Fall';
const history = 'HUMx/Hist-10/2014';

/** The programs of the recordings, as Discovery has them. */
const programs = [
  {
    number: 1,
    key: 'masters-in-cs',
    title: "Master's in CS",
    org: 'HUMx',
    courses: ['HUMx+English-550', 'HUMx+Spanish-1000', 'HUMx+Math-100', 'HUMx+Hist-10'],
  },
  {
    number: 2,
    key: 'micromasters-in-ml',
    title: 'MicroMasters in ML',
    org: 'HUMx',
    type: 'micromasters',
    courses: ['HUMx+English-550'],
  },
  { number: 3, key: 'no-curriculum', title: 'Masters without curriculum', org: 'HUMx' },
  { number: 4, key: 'gone-from-discovery', org: 'HUMx' },
  { number: 5, key: 'masters-in-alt', title: 'Masters in Alt', org: 'ALTx', courses: ['ALTx+Alt-1'] },
  { number: 6, key: 'empty-masters', title: 'Empty Masters', org: 'HUMx', courses: [] },
] as const;

const learners = [
  ['001', 'enrolled', 'learner001'],
  ['002', 'pending', null],
  ['003', 'suspended', 'learner003'],
  ['004', 'canceled', null],
  ['Mixed-Case', 'enrolled', 'learnermixed'],
] as const;
const courseLearners = [
  ['001', english, 'active'],
  ['003', english, 'inactive'],
  ['002', math, 'active'],
] as const;

const all: PartnerRole[] = ['ORGANIZATION_READ_WRITE_ENROLLMENTS', 'ORGANIZATION_READ_REPORTS'];
/** Rights by organization or program, as the recordings' people have them. */
const people: Record<string, { grants?: Record<string, readonly PartnerRole[]>; roles?: Role[]; isBlocked?: boolean }> =
  {
    partner: { grants: { HUMx: all } },
    reader: { grants: { HUMx: ['ORGANIZATION_READ_ENROLLMENTS'] } },
    metauser: { grants: { HUMx: ['ORGANIZATION_READ_METADATA'] } },
    reporter: { grants: { HUMx: ['ORGANIZATION_READ_REPORTS'] } },
    altpartner: { grants: { ALTx: ['ORGANIZATION_READ_WRITE_ENROLLMENTS'] } },
    progpartner: { grants: { 'masters-in-cs': ['PROGRAM_READ_WRITE_ENROLLMENTS'] } },
    // Rights in everything: an administrator's, here.
    globaluser: { roles: ['ADMIN'] },
    super: { roles: ['ADMIN'] },
    staff: { roles: ['STAFF'] },
    plain: {},
    fresh: {},
    inactive: { grants: { HUMx: all }, isBlocked: true },
  };

/** Those of `masters-in-cs`, as the recording of reports tells. */
const reports = [
  'individual__2019-12-11.txt',
  'aggregate_report__2019-12-12.csv',
  'a__b__2020-02-29',
  'no-date.txt',
  'bad__2019-13-40.txt',
  'short__20-1-2.txt',
  'single__2021-1-5.csv',
];

/** A Portico with the people and programs of the recordings, in front of a sandbox that has their learners. */
export interface RegistrarStage extends AsyncDisposable {
  site: GraphSite;
  /** A JWT of the LMS for one of the people. */
  tokenOf(name: string): Promise<string>;
}

export async function openRegistrarStage(): Promise<RegistrarStage> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await ReportFolderOfTest.create());
  const place = await folder.add('HUMx', programUuid(1), Object.fromEntries(reports.map((name) => [name, name])));
  await mkdir(join(place, 'folder__2021-01-01'));
  const env = { OPENEDX_JWT_AUDIENCE: 'lms-key', PROGRAM_REPORTS_FOLDER: folder.path };
  const site = stack.use(await startGraphSite({ worker: true, env }));
  fillSandbox(site);
  const programIds = await addPrograms(site);
  for (const [username, person] of Object.entries(people)) await addPerson(site, programIds, username, person);
  await site.lms.forgetRequests();
  const { lmsUrl, state } = site.gateway.sandbox;
  const { privateJwk } = state.single<{ privateJwk: JWK }>('signingKeys');
  const kept = stack.move();
  return {
    site,
    async tokenOf(name) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({
        ...{ iss: `${lmsUrl}/oauth2`, aud: 'lms-key', iat: now, exp: now + 3600, version: '1.2.0' },
        ...{ grant_type: 'client-credentials', sub: '0'.repeat(32), preferred_username: name },
        ...{ scopes: ['user_id', 'email', 'profile'], filters: [], is_restricted: false },
      })
        .setProtectedHeader({ alg: 'RS512', typ: 'JWT' })
        .sign(await importJWK(privateJwk, 'RS512'));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function fillSandbox({ gateway: { sandbox } }: GraphSite): void {
  const { state } = sandbox;
  const runs: Record<string, { key: string; title: string; externalKey: string | null; path: string | null }> = {
    'HUMx+English-550': { key: english, title: 'English 550', externalKey: 'ENG55-S19', path: 'english-550' },
    'HUMx+Spanish-1000': { key: spanish, title: 'Spanish 1000', externalKey: 'SPAN101-S19', path: 'spanish-1000' },
    'HUMx+Math-100': { key: math, title: 'Math 100', externalKey: null, path: null },
    'HUMx+Hist-10': { key: history, title: 'History 10', externalKey: 'HIST:10-2014', path: 'history-10' },
    'ALTx+Alt-1': { key: 'course-v1:ALTx+Alt-1+Run', title: 'Alt 1', externalKey: 'ALT-1', path: 'alt-1' },
  };
  for (const key of ['HUMx', 'ALTx']) addOrganization(state, { key });
  for (const [key, run] of Object.entries(runs)) {
    addCourse(state, { courseKey: run.key, displayName: run.title });
    addCatalogCourse(state, {
      key,
      runs: [
        {
          key: run.key,
          title: run.title,
          externalKey: run.externalKey,
          marketingUrl: run.path === null ? null : `http://localhost:18982/about/course/${run.path}`,
        },
      ],
    });
  }
  for (const program of programs) {
    if (!('title' in program)) continue;
    const { number, title, org } = program;
    const type = 'type' in program ? program.type : 'masters';
    addProgram(state, {
      uuid: programUuid(number),
      title,
      type,
      marketingUrl: `http://localhost:18982/about/${type}/${number}`,
      organizations: [org],
      curricula: 'courses' in program ? [{ uuid: curriculumUuid(number), courses: [...program.courses] }] : [],
    });
  }
  state.putGrade({
    username: 'learner001',
    courseKey: english,
    percent: 0.95,
    letterGrade: 'A',
    passed: true,
    scorePercent: 0.95,
  });
  state.putGrade({
    username: 'learner003',
    courseKey: english,
    percent: 0.1,
    letterGrade: null,
    passed: false,
    scorePercent: 0.1,
  });
  const at = '2026-02-10T09:00:00Z';
  const ids = new Map<string, number>();
  for (const [studentKey, status, username] of learners) {
    if (username !== null)
      addUser(state, {
        ...{ username, email: `${username}@example.org`, name: username, passwordHash: null, dateJoined: at },
      });
    const id = state.nextId('programEnrollment');
    ids.set(studentKey, id);
    state.programs.putEnrollment({
      ...{ id, programUuid: programUuid(1), curriculumUuid: curriculumUuid(1), studentKey },
      ...{ username, status, created: at, modified: at },
    });
  }
  // In the program that has no curriculum any more.
  addUser(state, {
    ...{ username: 'erin', email: 'erin@example.org', name: 'erin', passwordHash: null, dateJoined: at },
  });
  state.programs.putEnrollment({
    ...{ id: state.nextId('programEnrollment'), programUuid: programUuid(3), curriculumUuid: curriculumUuid(3) },
    ...{ studentKey: '301', username: 'erin', status: 'enrolled', created: at, modified: at },
  });
  for (const [studentKey, courseKey, status] of courseLearners)
    state.programs.putCourseEnrollment({
      ...{
        id: state.nextId('programCourseEnrollment'),
        enrollmentId: ids.get(studentKey) ?? 0,
        programUuid: programUuid(1),
      },
      ...{ courseKey, status, isCourseStaff: false, isAttached: true, created: at, modified: at },
    });
}

/** @returns ids by key of programs and of organizations */
async function addPrograms({ gateway }: GraphSite): Promise<Map<string, string>> {
  const { services, orm } = gateway.context;
  const ids = new Map<string, string>();
  for (const { key, number, org } of programs) {
    const { id, organizationId } = await services.programs.link(
      { key, uuid: programUuid(number), organizationKey: org },
      systemActor,
    );
    ids.set(key, id).set(org, organizationId);
  }
  await orm.em.fork().nativeDelete(ProgramEntity, { id: { $nin: [...ids.values()] } });
  return ids;
}

async function addPerson(
  site: GraphSite,
  ids: ReadonlyMap<string, string>,
  username: string,
  { grants = {}, roles = [], isBlocked = false }: (typeof people)[string],
): Promise<void> {
  const account = await site.aPerson({ username, roles });
  const em = site.gateway.context.orm.em.fork();
  for (const [target, granted] of Object.entries(grants))
    for (const role of granted) {
      const id = ids.get(target) ?? '';
      em.create(PartnerGrantEntity, {
        accountId: account.id,
        role,
        ...(role.startsWith('ORGANIZATION_') ? { organizationId: id } : { programId: id }),
      });
    }
  await em.flush();
  if (isBlocked) await em.nativeUpdate(AccountEntity, { id: account.id }, { status: 'BLOCKED' });
}
