import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { addCatalogCourse, addOrganization, addProgram } from '../../../sandbox/catalog/add.js';
import { addCourse } from '../../../sandbox/lms/population.js';
import type { Role } from '../../../src/access/viewer.js';
import type { Clock } from '../../../src/clock.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { OperationEntity } from '../../../src/entities/operation.entity.js';
import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import { ProgramEntity } from '../../../src/entities/program.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { Browser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';
import { type SandboxLevers, sandboxLevers } from '../../support/sandbox-levers.js';
import { addLearners, curriculumUuid, english, enrollLearners, math, programUuid } from './stage-learners.js';

export const masters = 'masters-in-cs';

const spanish = 'course-v1:HUMx+Spanish-1000+Spring';
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
  discovery: SandboxLevers;
  /** A JWT of the LMS for one of the people. */
  tokenOf(name: string): Promise<string>;
  /** The cookies of one of the people who is signed in. */
  cookiesOf(name: string): Promise<string>;
  /** The time that Portico takes it to be. */
  clock: Clock;
  /** Moves that time on: what Portico leaves alone for a moment after a failure, it tries again. */
  wait(ms: number): void;
  /** Puts learners back as they were, and ends what an earlier recording left: faults and jobs. */
  beginAnew(): Promise<void>;
}

export async function openRegistrarStage(): Promise<RegistrarStage> {
  await using stack = new AsyncDisposableStack();
  let aheadMs = 0;
  const clock = () => new Date(Date.now() + aheadMs);
  const folder = stack.use(await ReportFolderOfTest.create());
  const place = await folder.add('HUMx', programUuid(1), Object.fromEntries(reports.map((name) => [name, name])));
  await mkdir(join(place, 'folder__2021-01-01'));
  const env = { OPENEDX_JWT_AUDIENCE: 'lms-key', PROGRAM_REPORTS_FOLDER: folder.path };
  const site = stack.use(await startGraphSite({ worker: true, clock, env }));
  fillCatalog(site);
  addLearners(site.gateway.sandbox.state);
  const programIds = await addPrograms(site);
  for (const [username, person] of Object.entries(people)) await addPerson(site, programIds, username, person);
  await site.lms.forgetRequests();
  const { lmsUrl, discoveryUrl, state } = site.gateway.sandbox;
  const discovery = sandboxLevers(discoveryUrl);
  const { privateJwk } = state.single<{ privateJwk: JWK }>('signingKeys');
  const kept = stack.move();
  return {
    site,
    discovery,
    clock,
    wait(ms) {
      aheadMs += ms;
    },
    async beginAnew() {
      await Promise.all([site.lms.heal(), discovery.heal()]);
      await endJobs(site);
      enrollLearners(state);
      await site.lms.forgetRequests();
    },
    async cookiesOf(name) {
      const browser = new Browser(site.url);
      await browser.go('/login');
      await browser.submit({ identifier: name, password: testPassword });
      return browser.cookieHeader('/api/v1/');
    },
    async tokenOf(name) {
      const now = Math.floor(clock().getTime() / 1000);
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

function fillCatalog({ gateway: { sandbox } }: GraphSite): void {
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
}

/** Jobs that are under way end; those that wait, for an upstream, are forgotten with all others. */
async function endJobs({ gateway }: GraphSite): Promise<void> {
  const em = gateway.context.orm.em.fork();
  await eventually('no job is under way', async () => {
    const waiting = { finishedAt: null, nextAttemptAt: null };
    return (await em.count(OperationEntity, waiting)) === 0;
  });
  await em.nativeDelete(OperationEntity, {});
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
