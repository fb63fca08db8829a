/** OpenID Connect Back-Channel Logout: clients are told of a sign-out, at once or as soon as they can be reached. */
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDeliverLogoutJob } from '../../../src/jobs/deliver-logout.job.js';
import { createWorker } from '../../../src/jobs/worker.js';
import { createAdvisoryLocks } from '../../../src/locks/advisory-locks.js';
import { createLogger } from '../../../src/logger.js';
import { eventually } from '../../support/eventually.js';
import { startProviderSite } from '../../support/provider-site.js';
import { everyJob } from '../jobs/every-job.js';
import { authorize, authorizePath, exchange } from './clients.js';

const site = await startProviderSite({ env: { PORTICO_ALLOW_LOOPBACK_CALLBACKS: 'true' } });
afterAll(() => site[Symbol.asyncDispose]());

/** The client's end of the back channel. */
let receiver: Server;
let uri: string;
let answer = 200;
let received: string[] = [];
beforeAll(async () => {
  receiver = createServer(async (req, res) => {
    received.push(new URLSearchParams(await text(req)).get('logout_token') ?? '');
    res.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  uri = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/logout`;
});
afterAll(() => receiver.close());
beforeEach(() => {
  received = [];
  answer = 200;
});

async function aSignedInPerson() {
  const { username, id } = await site.anAccount();
  const client = await site.aClient({
    requirePkce: false,
    skipConsent: true,
    backchannelLogoutUri: uri,
    metadata: { backchannel_logout_session_required: true },
  });
  const browser = site.newBrowser();
  const code = (await authorize(browser, authorizePath(client.clientId, { scope: 'openid' }), username)).get('code');
  const { body } = await exchange(site, client, code ?? '');
  const { sid } = decodeJwt(String(body.id_token));
  return { browser, client, accountId: id, sid, idToken: String(body.id_token) };
}

async function waitingNotices(): Promise<object[]> {
  return site.orm.em.fork().execute(`select * from graphile_worker.jobs where task_identifier = 'deliver-logout'`);
}

async function expectNotice(token: string | undefined, person: Awaited<ReturnType<typeof aSignedInPerson>>) {
  const keys = createRemoteJWKSet(new URL(`${site.url}/oauth2/jwks`));
  const { payload, protectedHeader } = await jwtVerify(token ?? '', keys, {
    issuer: site.url,
    audience: person.client.clientId,
    typ: 'logout+jwt',
    algorithms: ['RS256'],
    maxTokenAge: '2 minutes',
  });
  expect(protectedHeader.kid).toBeTruthy();
  expect(payload).toMatchObject({
    sub: person.accountId,
    sid: person.sid,
    jti: expect.any(String),
    exp: expect.any(Number),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(payload).not.toHaveProperty('nonce');
}

test('a client that can be reached is told before the page of the sign-out answers', async () => {
  const person = await aSignedInPerson();
  await person.browser.go('/logout?no_redirect=1');
  expect(received).toHaveLength(1);
  await expectNotice(received[0], person);
  expect(await waitingNotices()).toEqual([]);
});

test('so it is when an application asks for the sign-out', async () => {
  const person = await aSignedInPerson();
  await person.browser.go(`/oauth2/logout?id_token_hint=${person.idToken}`);
  await person.browser.submit({ logout: 'yes' });
  expect(received).toHaveLength(1);
  await expectNotice(received[0], person);
  expect(await waitingNotices()).toEqual([]);
});

test('a client that was not there hears of it from a job, which goes on until it has', async () => {
  const person = await aSignedInPerson();
  answer = 503;
  await person.browser.go('/logout?no_redirect=1');
  expect(received).toHaveLength(1);
  expect(await waitingNotices()).toHaveLength(1);

  const databaseUrl = site.config.database.url;
  const logger = createLogger('silent');
  await using locks = createAdvisoryLocks({ databaseUrl, logger });
  const others = everyJob(async () => {});
  const jobs = { ...others, 'deliver-logout': createDeliverLogoutJob({ logoutNotices: site.oauth.logoutNotices }) };
  await using _worker = await createWorker({ databaseUrl, concurrency: 1, locks, jobs, logger });
  const hurry = () =>
    site.orm.em
      .fork()
      .execute(`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null`);
  await eventually('the job tries, in vain', async () => {
    await hurry();
    return received.length > 2;
  });
  expect(await waitingNotices()).toHaveLength(1);
  answer = 204;
  await eventually('the job is done', async () => {
    await hurry();
    return (await waitingNotices()).length === 0;
  });
  await expectNotice(received.at(-1), person);
  expect(new Set(received.map((token) => decodeJwt(token).jti)).size).toBe(received.length);
});
