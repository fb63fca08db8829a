import pg from 'pg';
import { loadConfig } from '../../src/config/config.js';
import { createLmsApi } from '../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../src/datasources/lms/lms-client.js';
import { createLogger } from '../../src/logger.js';
import { isAboutCourse, type Person } from './people.js';
import type { ChaosSite } from './site.js';

/** How things stand in Portico's database. */
export interface Standing {
  accounts: number;
  linked: number;
  /** Links and enrollments that are still on their way. */
  open: number;
  active: number;
  rejected: number;
}

const demoPeople = ['ada@example.org', 'grace@example.org', 'sam@example.org', 'root@example.org', 'dana@example.org'];

/** @returns undefined while the database does not answer */
export async function readStanding(product: ChaosSite): Promise<Standing | undefined> {
  // A job that was put in again while it ran leaves a row, used up and without a failure, when its worker is killed then.
  const [row] = await query<Record<keyof Standing, string>>(
    product,
    `with people as (select id from account where not (email = any($1)))
     select (select count(*) from people) as accounts,
       (select count(*) from edx_link where state = 'LINKED' and account_id in (select id from people)) as linked,
       (select count(*) from edx_link where state in ('PENDING', 'CREATING') and account_id in (select id from people))
         + (select count(*) from enrollment where intent is not null and account_id in (select id from people))
         + (select count(*) from graphile_worker.jobs where task_identifier ~ 'push-(profile|email)$'
            and (attempts < max_attempts or last_error is not null)) as open,
       (select count(*) from enrollment where state = 'ACTIVE' and account_id in (select id from people)) as active,
       (select count(*) from enrollment where state = 'REJECTED' and account_id in (select id from people)) as rejected`,
    [demoPeople],
  ).catch(() => []);
  if (!row) return undefined;
  const { accounts, linked, open, active, rejected } = row;
  return {
    accounts: Number(accounts),
    linked: Number(linked),
    open: Number(open),
    active: Number(active),
    rejected: Number(rejected),
  };
}

/**
 * Compares what was asked for, what Portico says and what the LMS has.
 *
 * @returns a sentence for everything that was lost, doubled, or is stuck without a reason
 */
export async function findProblems(product: ChaosSite, people: readonly Person[]): Promise<string[]> {
  const rows = await query<LinkRow>(
    product,
    `select account.id as "accountId", account.email, account.username, account.name, account.profile, link.state, link.edx_username as "edxUsername", link.last_error as "lastError"
     from account join edx_link link on link.account_id = account.id where not (account.email = any($1))`,
    [demoPeople],
  );
  const enrollments = await query<EnrollmentRow>(
    product,
    `select account.id as "accountId", enrollment.course_key as "courseKey", enrollment.state, enrollment.mode, enrollment.last_error as "lastError"
     from enrollment join account on account.id = enrollment.account_id where not (account.email = any($1))`,
    [demoPeople],
  );
  const lms = await readLms(product, people, rows);
  return [
    ...findDetailProblems(people, rows, lms),
    ...findLinkProblems(people, rows, lms),
    ...findEnrollmentProblems(people, rows, enrollments, lms),
    ...findDoubleRegistrations(lms),
  ];
}

interface LinkRow {
  accountId: string;
  email: string;
  username: string;
  name: string;
  profile: { country?: string | null };
  state: string;
  edxUsername: string | null;
  lastError: { code: string; message: string } | null;
}

interface EnrollmentRow {
  accountId: string;
  courseKey: string;
  state: string;
  mode: string | null;
  lastError: { code: string; message: string } | null;
}

type LmsSide = Awaited<ReturnType<typeof readLms>>;

async function readLms(product: ChaosSite, people: readonly Person[], rows: readonly LinkRow[]) {
  const { clientId, clientSecret } = product.workerClient;
  const { config, secrets } = loadConfig({
    DATABASE_URL: product.databaseUrl,
    OPENEDX_API_BASE_URL: product.lmsUrl,
    OPENEDX_API_CLIENT_ID: 'unused',
    OPENEDX_API_CLIENT_SECRET: 'unused',
    OPENEDX_SERVICE_WORKER_CLIENT_ID: clientId,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: clientSecret,
    PORTICO_SECRET_KEYS: 'x'.repeat(32),
    SMTP_URL: 'smtp://localhost:9',
  });
  await using client = createLmsClient({
    config: config.lms,
    timeouts: config.timeouts,
    secrets,
    logger: createLogger('silent'),
    clock: () => new Date(),
  });
  const api = createLmsApi(client);
  const options = { purpose: 'job' } as const;
  const users = await api.searchEmails(
    people.map((person) => wantedDetails(person).email),
    options,
  );
  const mappings = await api.mappings({ remoteIds: rows.map(({ username }) => username) }, options);
  const enrollments = await api.listEnrollments({ usernames: users.map(({ username }) => username) }, options);
  const requests = (await (await fetch(`${product.lmsUrl}/_sandbox/requests`)).json()) as {
    method: string;
    path: string;
    status: number;
  }[];
  const registrations = requests.filter(
    ({ method, path, status }) => method === 'POST' && path.includes('/account/registration/') && status === 200,
  ).length;
  const accounts = await api.accountsByUsername(
    users.map(({ username }) => username),
    options,
  );
  return { users, accounts, mappings, enrollments, registrations };
}

function findLinkProblems(people: readonly Person[], rows: readonly LinkRow[], lms: LmsSide): string[] {
  const byAccount = new Map(rows.map((row) => [row.accountId, row]));
  return people.flatMap((person) => {
    const { email } = wantedDetails(person);
    const row = byAccount.get(person.accountId ?? '');
    if (!row) return [`${email} registered and has no account`];
    if (row.state !== 'LINKED') return [`${email} is ${row.state}: ${row.lastError?.code ?? 'without a reason'}`];
    const users = lms.users.filter((user) => user.email.toLowerCase() === email.toLowerCase());
    const ties = lms.mappings.filter((mapping) => mapping.remoteId === row.username);
    if (users.length !== 1) return [`${email} has ${users.length} LMS users`];
    if (ties.length !== 1) return [`${email} is tied ${ties.length} times`];
    if (ties[0]?.username !== row.edxUsername || users[0]?.username !== row.edxUsername)
      return [`${email} is linked to ${row.edxUsername}, the LMS says ${ties[0]?.username} and ${users[0]?.username}`];
    return [];
  });
}

function findEnrollmentProblems(
  people: readonly Person[],
  links: readonly LinkRow[],
  enrollments: readonly EnrollmentRow[],
  lms: LmsSide,
): string[] {
  const usernames = new Map(links.map((row) => [row.accountId, row.edxUsername]));
  return people.flatMap(({ accountId = '', email, acts }) => {
    const courseKeys = [...new Set(acts.filter(isAboutCourse).map((act) => act.courseKey))];
    return courseKeys.flatMap((courseKey) => {
      const what = `${email} in ${courseKey}`;
      const rows = enrollments.filter((row) => row.accountId === accountId && row.courseKey === courseKey);
      const [row] = rows;
      if (!row || rows.length !== 1) return [`${what}: ${rows.length} enrollments here`];
      const there = lms.enrollments.filter(
        (enrollment) =>
          enrollment.username === usernames.get(accountId) && enrollment.courseKey === courseKey && enrollment.isActive,
      );
      if (row.state === 'REJECTED' && !row.lastError) return [`${what}: REJECTED without a reason`];
      if (row.state === 'ACTIVE' && there.length !== 1) return [`${what}: ACTIVE here, ${there.length} in the LMS`];
      if (row.state !== 'ACTIVE' && there.length > 0) return [`${what}: ${row.state} here, enrolled in the LMS`];
      if (row.state === 'ACTIVE' && there[0]?.mode !== row.mode)
        return [`${what}: ${row.mode} here, ${there[0]?.mode} in the LMS`];
      const wanted = wantedOf(acts, courseKey);
      if (row.state === 'REJECTED') return [];
      if (row.state !== wanted.state) return [`${what}: ended as ${row.state}, asked for was ${wanted.state}`];
      if (wanted.mode && row.mode !== wanted.mode && !row.lastError)
        return [`${what}: ended in ${row.mode}, asked for was ${wanted.mode}, and there is no reason`];
      return [];
    });
  });
}

/** What the last of somebody's acts in a course run wants. */
function wantedOf(acts: Person['acts'], courseKey: string): { state: 'ACTIVE' | 'INACTIVE'; mode?: string } {
  const last = acts.filter(isAboutCourse).findLast((act) => act.courseKey === courseKey);
  if (last?.kind === 'unenroll') return { state: 'INACTIVE' };
  return { state: 'ACTIVE', ...(last?.kind === 'change-mode' && { mode: last.mode }) };
}

/** Name, country and address that somebody has after all their acts. */
function wantedDetails({ name, email, acts }: Person): { name: string; email: string; country: string | undefined } {
  const wanted: { name: string; email: string; country: string | undefined } = { name, email, country: undefined };
  for (const act of acts) {
    if (act.kind === 'rename') wanted.name = act.name;
    if (act.kind === 'readdress') wanted.email = act.email;
    if (act.kind === 'move') wanted.country = act.country;
  }
  return wanted;
}

/** The last that somebody said of themselves is what everybody knows. */
function findDetailProblems(people: readonly Person[], rows: readonly LinkRow[], lms: LmsSide): string[] {
  const here = new Map(rows.map((row) => [row.accountId, row]));
  const there = new Map(lms.accounts.map((account) => [account.username, account]));
  return people.flatMap((person) => {
    const wanted = wantedDetails(person);
    const row = here.get(person.accountId ?? '');
    if (!row?.edxUsername) return [];
    const known = there.get(row.edxUsername);
    const pairs = [
      ['name', wanted.name, row.name, known?.name],
      ['address', wanted.email, row.email, known?.email],
      ['country', wanted.country?.toUpperCase(), row.profile.country?.toUpperCase(), known?.country],
    ] as const;
    return pairs.flatMap(([what, asked, ours, theirs]) => {
      if (asked === undefined) return [];
      const why = row.lastError ? ` (${row.lastError.code})` : '';
      if (ours !== asked) return [`${person.email}: the ${what} is ${ours} here, asked for was ${asked}`];
      return theirs === asked
        ? []
        : [`${person.email}: the ${what} is ${theirs} in the LMS, asked for was ${asked}${why}`];
    });
  });
}

/** Each LMS user of ours was made by one registration; more that were answered with success would be doubles. */
function findDoubleRegistrations({ users, registrations }: LmsSide): string[] {
  return registrations > users.length ? [`${registrations} registrations succeeded for ${users.length} LMS users`] : [];
}

async function query<Row extends pg.QueryResultRow>(
  product: ChaosSite,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: product.databaseUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
