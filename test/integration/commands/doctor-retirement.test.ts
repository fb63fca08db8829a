/** What `portico doctor` says of retirement at the LMS. */
import { expect, test } from 'vitest';
import { checkRetirement } from '../../../src/cli/doctor/retirement-check.js';
import { answerJson, connectLms, startScriptedLms } from '../datasources/scripted-lms.js';

const ownClient = {
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: 'portico-retirement',
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: 'portico-retirement-secret',
};
const opaque = {
  OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
  OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
  OPENEDX_SERVICE_WORKER_API_TOKEN: 'opaque',
};

/** @param statuses - of tokens, and of the view that tells who waits for retirement */
async function look(statuses: { token?: number; queue: number }, env: Record<string, string> = {}) {
  await using lms = await startScriptedLms(({ url }, response) => {
    if (!url.startsWith('/oauth2/')) return answerJson(response, statuses.queue, []);
    answerJson(response, statuses.token ?? 200, { access_token: 'a', expires_in: 3600, token_type: 'JWT', scope: '' });
  });
  await using portico = connectLms(lms.url, { env });
  return await checkRetirement(portico.api, portico.client.retirementCredentials !== undefined);
}

test.each([
  ['a client that may', { queue: 200 }, ownClient],
  ['a service worker that may', { queue: 200 }, {}],
])('it is well with %s', async (_what, statuses, env) => {
  expect(await look(statuses, env)).toMatchObject({ status: 'ok', detail: 'the LMS lets Portico ask for it' });
});

test.each([
  ['a service worker that may not', { queue: 403 }, {}],
  ['an LMS that was never set up for it', { queue: 400 }, {}],
  ['a token that does not open it', { queue: 200 }, opaque],
])('it is left to the operators of the LMS with %s, where no client is set for it', async (_what, statuses, env) => {
  expect(await look(statuses, env)).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('left to its operators'),
  });
});

test.each([
  ['that may not', { queue: 403 }, 'RETIREMENT_SERVICE_WORKER_USERNAME'],
  ['of an LMS that was never set up for it', { queue: 400 }, 'populate_retirement_states'],
  ['that the LMS does not know', { token: 401, queue: 200 }, 'OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID'],
])('a client %s fails, with what to do', async (_what, statuses, advice) => {
  expect(await look(statuses, ownClient)).toMatchObject({ status: 'failed', advice: expect.stringContaining(advice) });
});
