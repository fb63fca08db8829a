import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { runCommand } from '../../support/run-command.js';

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
