import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startSandboxLms } from './sandbox-lms.js';
import { answerJson, connectLms, type SeenRequest, startScriptedLms } from './scripted-lms.js';

const job = { purpose: 'job' } as const;
const ownClient = {
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: 'portico-retirement',
  OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: 'portico-retirement-secret',
};
const isTokenCall = (seen: SeenRequest) => seen.url.startsWith('/oauth2/');

/** Grants a token that names its client, and answers everything else alike. */
function anLms(status: number, body: unknown) {
  return startScriptedLms((seen, response) => {
    if (!isTokenCall(seen)) return answerJson(response, status, body);
    const clientId = new URLSearchParams(seen.body).get('client_id');
    answerJson(response, 200, { access_token: `of-${clientId}`, expires_in: 3600, token_type: 'JWT', scope: 'read' });
  });
}

const recording = await readFile('test/fixtures/transcripts/g2-accounts-write.md', 'utf8');

describe('retirement at the LMS', () => {
  test('is asked for with the client of who runs retirements, never with that of the service worker', async () => {
    await using lms = await anLms(200, { successful_user_retirements: ['leaver'], failed_user_retirements: [] });
    await using portico = connectLms(lms.url, { env: ownClient });
    expect(portico.api.mayRetire).toBe(true);
    expect(await portico.api.requestRetirement('leaver', job)).toBe('requested');
    expect(await portico.api.requestRetirement('somebody-else', job)).toBe('failed');
    const [first] = lms.seen.filter((seen) => !isTokenCall(seen));
    expect(first).toMatchObject({
      method: 'POST',
      url: '/v1/accounts/bulk_retire_users',
      body: '{"usernames":"leaver"}',
      headers: { authorization: 'JWT of-portico-retirement' },
    });
  });

  test('falls back on the JWT of the service worker; a token that no such view reads is not sent at all', async () => {
    await using lms = await anLms(403, { detail: 'You do not have permission to perform this action.' });
    await using portico = connectLms(lms.url);
    expect(await portico.api.retirementState('leaver', job)).toBe('not-allowed');
    expect(await portico.api.requestRetirement('leaver', job)).toBe('not-allowed');
    expect(await portico.api.deactivateUser('leaver', job)).toBe('not-allowed');
    expect(lms.seen.at(-1)?.headers.authorization).toBe('JWT of-portico-worker');
    await using opaque = connectLms(lms.url, {
      env: {
        OPENEDX_SERVICE_WORKER_CLIENT_ID: '',
        OPENEDX_SERVICE_WORKER_CLIENT_SECRET: '',
        OPENEDX_SERVICE_WORKER_API_TOKEN: 'opaque',
      },
    });
    expect(opaque.api.mayRetire).toBe(false);
  });

  test('tells how far it is, in the recorded words of the LMS', async () => {
    const [, status = ''] = /retirement_status\/[\s\S]*?200 OK[\s\S]*?(\{[\s\S]*?\})\n```/.exec(recording) ?? [];
    await using lms = await anLms(200, JSON.parse(status));
    await using portico = connectLms(lms.url, { env: ownClient });
    expect(await portico.api.retirementState('leaver', job)).toBe('PENDING');
    await using without = await anLms(404, {});
    await using other = connectLms(without.url, { env: ownClient });
    expect(await other.api.retirementState('leaver', job)).toBe('none');
    expect(await other.api.requestRetirement('leaver', job)).toBe('not-offered');
  });

  test.each([
    [200, [], 'ready'],
    [400, "Unknown state. Requested: ['PENDING'] Found: []", 'no-states'],
    [403, { detail: 'You do not have permission to perform this action.' }, 'not-allowed'],
  ])('is looked into without starting one: %i is told as such', async (status, body, readiness) => {
    await using lms = await anLms(status, body);
    await using portico = connectLms(lms.url, { env: ownClient });
    expect(await portico.api.readiness(job)).toBe(readiness);
    expect(lms.seen.at(-1)).toMatchObject({ method: 'GET', headers: { authorization: 'JWT of-portico-retirement' } });
  });

  test('is ready at the sandbox for the client of who runs retirements, and not for the service worker', async () => {
    await using lms = await startSandboxLms();
    await using portico = connectLms(lms.url, { env: ownClient });
    expect(await portico.api.readiness(job)).toBe('ready');
    await using worker = connectLms(lms.url);
    expect(await worker.api.readiness(job)).toBe('not-allowed');
  });

  test('goes on with a new token after the LMS refused the one it had', async () => {
    let granted = 0;
    await using lms = await startScriptedLms((seen, response) => {
      if (isTokenCall(seen)) {
        granted += 1;
        return answerJson(response, 200, {
          access_token: `t${granted}`,
          expires_in: 3600,
          token_type: 'JWT',
          scope: '',
        });
      }
      if (seen.headers.authorization === 'JWT t1') return answerJson(response, 401, { detail: 'Invalid token.' });
      answerJson(response, 200, { username: 'leaver' });
    });
    await using portico = connectLms(lms.url, { env: ownClient });
    await expect(portico.api.deactivateUser('leaver', job)).rejects.toMatchObject({
      why: 'credentials',
      retryable: true,
    });
    expect(await portico.api.deactivateUser('leaver', job)).toBe('deactivated');
  });
});
