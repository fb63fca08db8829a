import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandRoles } from '../../../src/access/viewer.js';
import { AccountEntity } from '../../../src/entities/account.entity.js';
import { AuditEventEntity } from '../../../src/entities/audit-event.entity.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import type { BlockedEmails } from '../../../src/services/account/blocked-emails.js';
import {
  createAccountImportService,
  type ImportedRow,
} from '../../../src/services/account-import/account-import.service.js';
import type { ImportRecord } from '../../../src/services/account-import/row.js';
import { systemActor } from '../../../src/services/actor.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { runCommand } from '../../support/run-command.js';

let site: GraphSite;
let folder: string;
beforeAll(async () => {
  site = await startGraphSite();
  await site.lms.seed({ users: 3, courses: 2, enrollmentsPerUser: 1, seed: 1 });
  folder = await mkdtemp(join(tmpdir(), 'portico-import-'));
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const password = 'pässword-9 x';
const pbkdf2 = 'pbkdf2_sha256$1000$HxcasUu4lCuSwYnW5qmxeO$7rkMuaqx8EwfwFC73m1T8FiSeO733BcW+YJ1dDZeTaM=';
const find = (username: string) => site.gateway.context.orm.em.fork().findOneOrFail(AccountEntity, { username });
const storedHash = async (username: string) =>
  (await site.gateway.context.orm.em.fork().findOneOrFail(AccountEntity, { username }, { populate: ['passwordHash'] }))
    .passwordHash;
const authenticate = (who: string) => site.gateway.context.services.accounts.authenticate(who, password, '::1');

async function importFile(lines: readonly string[], ...options: string[]) {
  const path = join(folder, 'accounts.csv');
  await writeFile(path, `\uFEFF${lines.join('\r\n')}\r\n`);
  const { config } = site.gateway.context;
  return runCommand(['import-accounts', path, '--json', ...options], {
    DATABASE_URL: config.database.url,
    OPENEDX_API_BASE_URL: config.lms.baseUrl,
  });
}

/** Without a process of its own. */
const importRecords = (
  records: ImportRecord[],
  options: { signal?: AbortSignal; onRow?: (row: ImportedRow) => void } = {},
) => site.gateway.context.services.accountImport.run(numbered(records), options);

async function* numbered(records: readonly ImportRecord[]) {
  for (const [index, record] of records.entries()) yield { number: index + 2, record };
}

test('an account comes over with its password, its LMS account and what is known of it, and nobody notices', async () => {
  await site.lms.forgetRequests();
  const answer = await importFile([
    'username,email,name,password,social_uid,edx_username,is_active,date_joined,last_login,country,birth_year',
    `jane.login,Jane@example.org,"Doe, Jane",${pbkdf2},learner00001,learner00001,t,2019-05-06 07:08:09.123456+00,,US,1990`,
  ]);
  expect(answer.stderr).toBe('');
  expect(JSON.parse(answer.stdout)).toEqual({ dryRun: false, created: 1, unchanged: 0, failed: 0, failures: [] });

  const account = await find('learner00001');
  expect(account).toMatchObject({ email: 'Jane@example.org', name: 'Doe, Jane', status: 'ACTIVE' });
  expect(account.profile).toEqual({ country: 'US', birthYear: 1990 });
  expect(account.createdAt).toEqual(new Date('2019-05-06T07:08:09.123Z'));
  const { orm, services } = site.gateway.context;
  expect(await services.edxLinks.find(account.id)).toMatchObject({
    state: 'LINKED',
    edxUsername: 'learner00001',
    remoteId: 'learner00001',
  });
  expect(await orm.em.fork().count(AuditEventEntity, { subjectId: account.id, action: 'account.created' })).toBe(1);

  expect(await storedHash('learner00001')).toBe(pbkdf2);
  expect(await authenticate('jane@example.org')).toMatchObject({ outcome: 'success' });
  expect(await storedHash('learner00001')).toMatch(/^\$argon2id\$/);
  expect(await authenticate('jane@example.org')).toMatchObject({ outcome: 'success' });

  // The LMS signs the same LMS user in, without a registration.
  expect(await services.edxApiTokens.getValidToken(account.id)).toEqual(expect.any(String));
  expect(await site.lms.count(/registration/)).toBe(0);
});

test('whoever has no LMS account is left alone, and whoever was switched off stays so', async () => {
  await importRecords([
    { username: 'newcomer', email: 'newcomer@example.org', name: 'New Comer', password: '!unusable' },
    { username: 'leaver', email: 'leaver@example.org', name: 'Lea Ver', password: pbkdf2, is_active: 'f' },
  ]);
  const newcomer = await find('newcomer');
  expect(await site.gateway.context.services.edxLinks.find(newcomer.id)).toMatchObject({ state: 'NOT_LINKED' });
  expect(await storedHash('newcomer')).toBeNull();
  expect(await authenticate('leaver')).toMatchObject({ outcome: 'inactive' });
});

test('each line stands by itself: what is wrong is said with its column, and the others come over', async () => {
  const report = join(folder, 'failed.csv');
  const answer = await importFile(
    [
      'username,email,name,password,edx_username,is_active',
      'fine-1,fine-1@example.org,Fine One,,,',
      'x,x@example.org,Too Short,,,',
      'fine-2,nonsense,No Address,,,',
      'fine-3,fine-3@example.org,Fine Three,md5$salt$abc,,',
      'fine-4,FINE-1@example.org,Same Address,,,',
      'fine-5,jane@example.org,Taken Address,,,',
      'learner00001,other@example.org,Taken Name,,,',
      'fine-6,fine-6@example.org,Taken Learner,,learner00001,',
      'fine-7,fine-7@example.org,=cmd,,,perhaps',
      'fine-8,fine-8@example.org,Fine Eight,,,',
    ],
    '--report',
    report,
  );
  expect(answer.status).toBe(1);
  const { created, unchanged, failed, failures } = JSON.parse(answer.stdout);
  expect({ created, unchanged, failed }).toEqual({ created: 2, unchanged: 0, failed: 8 });
  expect(failures.map(({ number, code }: { number: number; code: string }) => [number, code])).toEqual([
    [3, 'USERNAME_INVALID'],
    [4, 'EMAIL_INVALID'],
    [5, 'PASSWORD_HASH_UNKNOWN'],
    [6, 'REPEATED'],
    [7, 'EMAIL_TAKEN'],
    [8, 'USERNAME_TAKEN'],
    [9, 'EDX_USERNAME_TAKEN'],
    [10, 'BOOLEAN_INVALID'],
  ]);
  const lines = (await readFile(report, 'utf8')).trim().split('\n');
  expect(lines[0]).toBe('number,key,code,reason');
  expect(lines).toHaveLength(9);
});

test('a dry run finds the same, and changes nothing', async () => {
  const answer = await importFile(
    [
      'username,email,name',
      'ghost,ghost@example.org,Ghost',
      'ghost-2,ghost@example.org,Ghost',
      'jane,jane@example.org,J',
    ],
    '--dry-run',
  );
  expect(JSON.parse(answer.stdout)).toMatchObject({ dryRun: true, created: 1, failed: 2 });
  await expect(find('ghost')).rejects.toThrow();
});

test('an address that was blocked gets no account, not even one that is blocked in the same moment', async () => {
  const { orm, services, clock, config } = site.gateway.context;
  const banned = await site.aPerson({ username: 'banned' });
  await services.accountLifecycle.block(banned.id, { actor: systemActor, roles: expandRoles(['ADMIN']) });
  await orm.em.fork().nativeUpdate(AccountEntity, { id: banned.id }, { email: 'elsewhere@example.org' });
  const records = (name: string): ImportRecord[] => [
    { username: `${name}-1`, email: `${name}-1@example.org`, name },
    { username: `${name}-2`, email: 'Banned@Example.org', name },
  ];
  const rows: ImportedRow[] = [];
  const refusals = () => rows.splice(0).flatMap(({ number, code }) => (code === undefined ? [] : [[number, code]]));
  const onRow = (row: ImportedRow) => void rows.push(row);
  const isKnown = { created: 1, unchanged: 0, failed: 1 };
  expect(await importRecords(records('late'), { onRow })).toEqual(isKnown);
  expect(refusals()).toEqual([[3, 'EMAIL_BLOCKED']]);

  let looks = 0;
  const blockedEmails: Pick<BlockedEmails, 'findBlocked'> = {
    // The first look of all is a moment too early.
    findBlocked: async (em, emails) => (looks++ === 0 ? new Set() : services.blockedEmails.findBlocked(em, emails)),
  };
  const late = createAccountImportService({
    orm,
    clock,
    audit: services.audit,
    blockedEmails,
    providerId: `oa2-${config.lms.backend}`,
  });
  expect(await late.run(numbered(records('later')), { onRow })).toEqual(isKnown);
  expect(refusals()).toEqual([[3, 'EMAIL_BLOCKED']]);
  expect(await orm.em.fork().count(AccountEntity, { username: { $like: 'late%' } })).toBe(2);
});

test('an import that was broken off goes on where it was, and one that is repeated changes nothing', async () => {
  const records = Array.from({ length: 450 }, (_, index) => ({
    username: `many-${index}`,
    email: `many-${index}@example.org`,
    name: `Many ${index}`,
    edx_username: `many-${index}`,
  }));
  const control = new AbortController();
  let seen = 0;
  const brokenOff = importRecords(records, {
    signal: control.signal,
    onRow: () => {
      seen += 1;
      if (seen === 200) control.abort();
    },
  });
  await expect(brokenOff).rejects.toThrow('aborted');
  expect(await importRecords(records)).toEqual({ created: 250, unchanged: 200, failed: 0 });
  expect(await importRecords(records)).toEqual({ created: 0, unchanged: 450, failed: 0 });
  const { orm } = site.gateway.context;
  expect(await orm.em.fork().count(EdxLinkEntity, { edxUsername: { $like: 'many-%' }, state: 'LINKED' })).toBe(450);
});

test('two imports of the same file at once make each account once', async () => {
  const records = Array.from({ length: 60 }, (_, index) => ({
    username: `twice-${index}`,
    email: `twice-${index}@example.org`,
    name: `Twice ${index}`,
  }));
  const [one, other] = await Promise.all([importRecords(records), importRecords(records)]);
  expect(one.created + other.created).toBe(60);
  const { orm } = site.gateway.context;
  expect(await orm.em.fork().count(AccountEntity, { username: { $like: 'twice-%' } })).toBe(60);
});

test.each([
  ['a column that nobody knows', ['username,e-mail', 'a,b'], 'There is no column “e-mail”'],
  ['a line that breaks off', ['username,email', '"a,b'], 'is not a CSV file as expected'],
])('%s is said, with exit code 1', async (_, lines, message) => {
  const answer = await importFile(lines);
  expect(answer.status).toBe(1);
  expect(answer.stderr).toContain(message);
});
