import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandRoles } from '../../../src/access/viewer.js';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import { systemActor } from '../../../src/services/actor.js';
import { auditPurpose } from '../../../src/services/audit/chain/link.js';
import { verifyAuditChain } from '../../../src/services/audit/chain/verify.js';
import { erasedTables, keptTables } from '../../../src/services/retirement/erase.js';
import { createRetirementService } from '../../../src/services/retirement/retirement.service.js';
import { Browser } from '../../support/browser.js';
import { readDatabaseAsText } from '../../support/database-text.js';
import { type GraphSite, startGraphSite, testPassword } from '../../support/graph-site.js';

const operator = { actor: systemActor, roles: expandRoles(['ADMIN']) };
const address = '203.0.113.77';

/** Words that are nobody else's, so that finding one anywhere is finding this person. */
const personal = {
  email: 'Wilhelmina.Quux@secret-mailbox.example',
  name: 'Wilhelmina Xantippe Quux',
  company: 'Quuxworks Unlimited',
  nextEmail: 'mina@next-mailbox.example',
  device: 'QuuxBrowser/7.7',
  address,
};
const username = 'wilhelmina-quux';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite({ env: { PORTICO_TRUSTED_PROXIES: '127.0.0.1,::1' } });
});
afterAll(() => site[Symbol.asyncDispose]());

/** Somebody who has left traces wherever a person can. */
async function somebodyWithTraces(): Promise<string> {
  const { services, orm } = site.gateway.context;
  const em = orm.em.fork();
  const { id } = await services.accounts.create(
    {
      email: personal.email,
      name: personal.name,
      username,
      password: testPassword,
      isEmailVerified: true,
      termsVersion: '1',
      profile: { country: 'NL', birthYear: 1987, company: personal.company, jobTitle: 'Quuxist' },
    },
    { accountId: null, address },
    { idempotencyKey: 'made-once' },
  );
  await services.edxLinks.create(id);
  const own = { accountId: id, address };
  for (const courseKey of ['course-v1:DemoU+PHYS101+2026_T1', 'course-v1:OpenSchool+CLOSED+2020'])
    await services.enrollments.perform((await services.enrollments.request({ accountId: id, courseKey }, own)).id);
  await services.enrollments.request({ accountId: id, courseKey: 'course-v1:DemoU+BIO130+2026_T1' }, own);
  await signIn();
  await services.emailChanges.begin(id, { email: personal.nextEmail, password: testPassword, address });
  const proof = { password: testPassword, code: '', passkey: '', browser: '', address };
  await services.secondFactors.begin(id, proof);
  await services.registrations.begin({ email: personal.email, next: undefined, address });
  await services.passwordResets.begin({ email: personal.email, next: undefined, address });
  await services.dataExports.request(id, own);
  await services.dataExports.assemble(id);
  await services.deletionRequests.request(id, own);
  await services.accounts.authenticate(personal.email, 'wrong', address);
  await services.oauthClients.create(
    {
      name: 'Somebody',
      type: 'CONFIDENTIAL',
      grantTypes: ['AUTHORIZATION_CODE'],
      redirectUris: ['https://x.example/'],
    },
    own,
  );
  await em.execute(
    `insert into oauth_consent (id, created_at, updated_at, account_id, client_id, scopes)
     values (gen_random_uuid(), now(), now(), ?, 'lms', '{user:read}')`,
    [id],
  );
  await em.execute(
    `insert into account_subject (account_id, sector, subject) values (?, 'x.example', 'quux-subject')`,
    [id],
  );
  await em.execute(
    `with school as (
       insert into organization (id, created_at, updated_at, key, name)
       values (gen_random_uuid(), now(), now(), 'Testschool', 'A school') returning id),
     link as (
       insert into learner_link
         (id, created_at, updated_at, organization_id, external_key, state, account_id, lms_username, source, reason)
       select gen_random_uuid(), now(), now(), id, 'quux-0815', 'LINKED', ?, ?, 'upload', 'Quux' from school returning id),
     grants as (
       insert into partner_grant (id, created_at, updated_at, account_id, organization_id, role)
       select gen_random_uuid(), now(), now(), ?, id, 'ORGANIZATION_READ_METADATA' from school)
     insert into learner_link_event (id, learner_link_id, at, to_state, cause, detail)
     select gen_random_uuid(), id, now(), 'LINKED', 'sign-in', '{"from": "quux-0815"}' from link`,
    [id, username, id],
  );
  await em.execute(
    `insert into oidc_artifact (model, id, payload, expires_at, created_at)
     values ('Interaction', 'quux', ?::jsonb, now() + interval '1 hour', now())`,
    [JSON.stringify({ params: { login_hint: personal.email } })],
  );
  await em.execute(
    `update edx_link set last_error = ?::jsonb, api_refresh_token = 'sealed-quux' where account_id = ?`,
    [JSON.stringify({ message: `“${personal.email}” is taken` }), id],
  );
  await em.execute(
    `update edx_link_event set detail = ?::jsonb where id = (
       select e.id from edx_link_event e join edx_link l on l.id = e.edx_link_id where l.account_id = ? limit 1)`,
    [JSON.stringify({ fields: { email: [personal.email] } }), id],
  );
  await em.execute(
    `insert into learning_answer (name, lms_username, answer, as_of)
     select 'lms enrollmentsOf ' || lower(edx_username), lower(edx_username), '{"value": "Quux"}', now()
     from edx_link where account_id = ?`,
    [id],
  );
  await em.execute(
    `update graphile_worker._private_jobs set last_error = ? where id = (select max(id) from graphile_worker._private_jobs)`,
    [`550 <${personal.email}>: no such mailbox`],
  );
  return id;
}

async function signIn(): Promise<void> {
  const browser = new Browser(site.url);
  const headers = { 'x-forwarded-for': address, 'user-agent': personal.device, origin: site.url };
  const form = await browser.go('/login');
  const token = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
  const body = new URLSearchParams({ _csrf: token, identifier: username, password: testPassword });
  expect((await browser.visit('/login', { method: 'POST', body, headers })).status).toBe(303);
}

/** Tables in which a word stands, in any case. */
async function findTraces(word: string): Promise<string[]> {
  const texts = await readDatabaseAsText(site.gateway.context.orm);
  return [...texts].filter(([, text]) => text.toLowerCase().includes(word.toLowerCase())).map(([table]) => table);
}

async function verify() {
  const { orm, secrets, services } = site.gateway.context;
  while ((await services.auditChain.append()).state !== 'done');
  return verifyAuditChain({ em: orm.em.fork(), authenticator: createAuthenticator(secrets.keys, auditPurpose) });
}

test('nothing of a retired person is left in any table, and the audit is intact', async () => {
  const { services, orm } = site.gateway.context;
  const id = await somebodyWithTraces();
  for (const [what, word] of Object.entries(personal)) expect(await findTraces(word), what).not.toEqual([]);
  expect(await verify()).toMatchObject({ isIntact: true, withErasedAddress: 0 });

  await services.retirements.retire(id, operator);
  expect(await services.retirements.run(id)).toBe(true);

  for (const [what, word] of Object.entries(personal)) expect(await findTraces(word), what).toEqual([]);
  for (const word of ['Wilhelmina', 'Quux', 'secret-mailbox', 'next-mailbox'])
    expect(
      await findTraces(word).then((tables) => tables.filter((table) => !mayNameUsername.has(table))),
      word,
    ).toEqual([]);
  expect(new Set(await findTraces(username))).toEqual(mayNameUsername);
  const report = await verify();
  expect(report).toMatchObject({ isIntact: true, fault: null, unchained: 0 });
  expect(report.withErasedAddress).toBeGreaterThan(5);
  // Mails that wait are sealed, and forgotten when they are sent or too old; nothing else of the queue concerns the person.
  const jobs = await orm.em
    .fork()
    .execute<{ task: string }[]>('select task_identifier as task from graphile_worker.jobs where key like ?', [
      `%${id}%`,
    ]);
  expect(jobs).toEqual([{ task: 'retire-account' }]);
});

/** The username stays reserved, and is the name under which the LMS and what was done there are known. */
const mayNameUsername = new Set(['public.account', 'public.edx_link', 'public.enrollment', 'public.retirement_step']);

test('every table that names an account is either erased or known to hold nothing personal', async () => {
  const { orm } = site.gateway.context;
  const columns = await orm.em.fork().execute<{ table: string }[]>(
    `select distinct table_name as table from information_schema.columns
     where table_schema = 'public' and column_name = 'account_id' order by 1`,
  );
  const known = [...erasedTables.map(({ table }) => table), ...keptTables];
  expect(columns.map(({ table }) => table)).toEqual([...new Set(known)].sort());
});

test('a process that dies at any point of a retirement loses nothing and doubles nothing', async () => {
  const { context, sandbox } = site.gateway;
  let point = 0;
  for (let isOver = false; !isOver; ) {
    point += 1;
    const name = `phoenix-${'i'.repeat(point)}`;
    const { id } = await site.aPerson({ username: name, isLinked: false });
    await context.services.edxLinks.create(id);
    await context.services.retirements.retire(id, operator);
    isOver = await retirementsThatDieAt(point)
      .run(id)
      .catch((error: unknown) => {
        if (error instanceof Death) return false;
        throw error;
      });
    expect(await context.services.retirements.run(id), name).toBe(true);

    const [retirement] = await context.services.retirements.findByAccountIds([id]);
    expect(retirement?.state).toBe('DONE');
    const steps = await context.services.retirements.steps([retirement?.id ?? '']);
    expect(steps.map((step) => `${step.name} ${step.outcome}`)).toEqual([
      'END_ACCESS DONE',
      'LEAVE_LMS DONE',
      'ERASE_DATA DONE',
      'ERASE_ADDRESSES DONE',
    ]);
    const { retirements } = sandbox.state;
    expect([...retirements.values()].filter(({ originalUsername }) => originalUsername === name)).toHaveLength(1);
    const acts = `select 1 from audit_event where action = 'account.retired' and subject_id = ?`;
    expect(await context.orm.em.fork().execute(acts, [id])).toHaveLength(1);
    expect(await findTraces(`${name}@example.org`)).toEqual([]);
  }
  // Once for each time that a step is about to be stored, and the last time it ran through.
  expect(point).toBeGreaterThan(6);
  expect(await verify()).toMatchObject({ isIntact: true });
});

class Death extends Error {}

/** The service as a process that dies when it looks at the clock for the n-th time, which each step does before it is stored. */
function retirementsThatDieAt(look: number) {
  const { orm, oauth, services, lms, locks, config, logger, events } = site.gateway.context;
  let looks = 0;
  return createRetirementService({
    em: orm.em,
    api: lms.api,
    signIn: oauth.signIn,
    clientGrants: oauth.clientGrants,
    mail: services.mail,
    audit: services.audit,
    blockedEmails: services.blockedEmails,
    events,
    locks,
    site: config.site,
    logger,
    onWritten: () => {},
    clock: () => {
      looks += 1;
      if (looks === look) throw new Death();
      return new Date();
    },
  });
}
