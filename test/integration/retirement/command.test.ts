import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandRoles } from '../../../src/access/viewer.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { runCommand, startCommand } from '../../support/run-command.js';
import { pullLever } from '../../support/sandbox-levers.js';
import { testClients } from '../../support/settings.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

function retireAccount(...args: string[]) {
  const { database, lms } = site.gateway.context.config;
  // The worker is staff, which is not enough to retire anybody.
  return runCommand(['retire-account', ...args], { DATABASE_URL: database.url, OPENEDX_API_BASE_URL: lms.baseUrl });
}

/** A worker as a process of its own, which may retire people at the LMS. */
function startWorker() {
  const { database, lms } = site.gateway.context.config;
  const child = startCommand(['worker'], {
    DATABASE_URL: database.url,
    PORTICO_PUBLIC_URL: site.url,
    OPENEDX_API_BASE_URL: lms.baseUrl,
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: testClients.retirement.clientId,
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: testClients.retirement.clientSecret,
  });
  child.stdout.resume();
  child.stderr.resume();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { kill, [Symbol.asyncDispose]: kill };
}

test('portico retire-account says what it would do, does it, and is harmless to repeat', async () => {
  const { accounts, edxLinks } = site.gateway.context.services;
  const person = await site.aPerson({ username: 'clio', isLinked: false });
  await edxLinks.create(person.id);

  const plan = await retireAccount('Clio@Example.org', '--dry-run', '--json');
  expect(plan).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(plan.stdout)).toMatchObject({
    username: 'clio',
    dryRun: true,
    status: 'ACTIVE',
    retirement: null,
    edxUsername: 'clio',
  });
  expect(await accounts.findById(person.id)).toMatchObject({ status: 'ACTIVE' });

  const done = await retireAccount(person.id);
  expect(done.status).toBe(0);
  expect(done.stdout).toMatch(
    /^clio is retired\.\nEND_ACCESS {2}DONE\nLEAVE_LMS {2}LEFT_TO_DO {2}.*retire “clio” in the LMS/,
  );
  expect(await accounts.findById(person.id)).toMatchObject({ status: 'RETIRED', name: 'Retired account' });
  expect(await site.gateway.context.lms.api.enrollmentsOf('clio', { purpose: 'job' })).toEqual([]);

  const again = await retireAccount('clio', '--json');
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ retirement: 'DONE', dryRun: false });
});

test('portico retire-account fails for who is not there, and for what cannot be; without a name it is called wrongly', async () => {
  await site.aPerson({ username: 'onlyroot', roles: ['ADMIN'], isLinked: false });
  expect(await retireAccount('nobody')).toMatchObject({ status: 1, stderr: 'There is no account “nobody”.\n' });
  expect(await retireAccount('onlyroot')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('last administrator'),
  });
  expect(await retireAccount()).toMatchObject({ status: 2 });
  expect((await retireAccount('--help')).stdout).toContain('portico retire-account ada@example.org --dry-run');
});

test('a worker that is killed while it waits for the LMS leaves a retirement that another one ends', async () => {
  const { services } = site.gateway.context;
  const { state } = site.gateway.sandbox;
  const person = await site.aPerson({ username: 'styx', isLinked: false });
  await services.edxLinks.create(person.id);
  await site.lms.faults([{ match: '/v1/accounts/bulk_retire_users', mode: 'hang', times: 1 }]);
  await services.retirements.retire(person.id, { actor: systemActor, roles: expandRoles(['ADMIN']) });
  const isAsked = async () => {
    const calls = (await pullLever(site.gateway.sandbox.lmsUrl, 'GET', 'requests')) as { path: string; auth: string }[];
    return calls.some(({ path }) => path.endsWith('/styx/retirement_status/'));
  };
  await using doomed = startWorker();
  await eventually('the worker is at it', isAsked, { deadlineMs: 25_000 });
  await doomed.kill();
  const [cut] = await services.retirements.findByAccountIds([person.id]);
  expect(cut).toMatchObject({ state: 'RUNNING' });
  await site.lms.heal();
  await using _next = startWorker();
  await eventually(
    'another worker ended it',
    async () => (await services.retirements.findByAccountIds([person.id]))[0]?.state === 'DONE',
    { deadlineMs: 25_000 },
  );
  expect([...state.retirements.values()].filter(({ originalUsername }) => originalUsername === 'styx')).toHaveLength(1);
  expect(await services.accounts.findById(person.id)).toMatchObject({ name: 'Retired account' });
}, 60_000);
