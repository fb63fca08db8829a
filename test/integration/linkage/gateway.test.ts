import { expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { startGateway } from '../../support/start-gateway.js';

test('on the whole: account, edX account, API token without a browser, changed name, enrollment', async () => {
  await using gateway = await startGateway({ sandbox: 'demo', worker: true });
  const { accounts, edxLinks, edxApiTokens, enrollments } = gateway.context.services;
  const alice = await accounts.create(
    { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true },
    systemActor,
  );
  const actor = { accountId: alice.id };
  const asked = await enrollments.request({ accountId: alice.id, courseKey: 'course-v1:edX+E2E-101+course' }, actor);
  await eventually('the link', async () => (await edxLinks.find(alice.id))?.state === 'LINKED');
  await eventually('the enrollment', async () => (await enrollments.findByIds([asked.id]))[0]?.state === 'ACTIVE');
  await eventually('the token', async () => (await edxLinks.find(alice.id))?.apiTokenRefreshedAt != null);

  const token = await edxApiTokens.getValidToken(alice.id);
  expect(gateway.sandbox.state.accessTokens.get(token)).toMatchObject({ username: alice.username });
  await accounts.updateProfile(alice.id, { name: 'Alice Pleasance Liddell' }, actor);
  await eventually('the new name', async () => {
    const [user] = await gateway.context.lms.api.accountsByUsername([alice.username], { purpose: 'job' });
    return user?.name === 'Alice Pleasance Liddell';
  });
});

test('the token minted for a registration is over when the registration is', async () => {
  await using gateway = await startGateway({ sandbox: 'demo' });
  const { accounts, edxLinks } = gateway.context.services;
  const alice = await accounts.create(
    { email: 'alice@example.org', name: 'Alice Liddell', isEmailVerified: true },
    systemActor,
  );
  await edxLinks.create(alice.id);
  expect((await edxLinks.find(alice.id))?.state).toBe('LINKED');
  const left = await gateway.context.orm.em
    .fork()
    .execute(`select 1 from oidc_artifact where account_id = ? and model = 'AccessToken'`, [alice.id]);
  expect(left).toEqual([]);
});
