import { expect, test } from 'vitest';
import { answerJson, connectLms, startScriptedLms } from './scripted-lms.js';

const request = { purpose: 'request' } as const;
const env = { OPENEDX_MORE_SERVICE_WORKERS: 'helper:helper-client:se:cret' };

/** An LMS that gives each OAuth client a token of its name, counts whose calls come, and refuses beyond its limit. */
async function aCountingLms(limit: number) {
  const counted = new Map<string, number>();
  const lms = await startScriptedLms((seen, response) => {
    if (seen.url.startsWith('/oauth2/')) {
      const client = new URLSearchParams(seen.body).get('client_id');
      answerJson(response, 200, { access_token: client, token_type: 'JWT', expires_in: 3600 });
      return;
    }
    const who = seen.headers.authorization ?? '';
    const calls = (counted.get(who) ?? 0) + 1;
    counted.set(who, calls);
    if (calls > limit) answerJson(response, 429, { developer_message: 'Request was throttled.' });
    else answerJson(response, 200, { next: null, previous: null, results: [] });
  });
  return { lms, counted };
}

test('two service workers make twice as many counted calls a minute, in turn, and neither is refused', async () => {
  const { lms, counted } = await aCountingLms(120);
  await using _ = lms;
  await using portico = connectLms(lms.url, { env });
  const reads = Array.from({ length: 200 }, (_, at) =>
    portico.api.listEnrollments({ usernames: [`learner${at}`] }, { purpose: 'request', priority: 'sign-up' }),
  );
  expect((await Promise.all(reads)).flat()).toEqual([]);
  expect([...counted.keys()].sort()).toEqual(['JWT helper-client', 'JWT portico-worker']);
  expect(Math.min(...counted.values())).toBe(100);
  expect(portico.api.status().limiter).toMatchObject({ used: 200, budgets: { enrollment: { limit: 230 } } });
});

test('what one worker is refused the other still gets', async () => {
  const { lms, counted } = await aCountingLms(0);
  await using _ = lms;
  await using portico = connectLms(lms.url, { env });
  const refused = await portico.api.listEnrollments({ usernames: ['ann'] }, request).catch((error: unknown) => error);
  expect(refused).toMatchObject({ why: 'throttled' });
  expect(portico.api.scarcity('enrollment')).toBe(0.5);
  await portico.api.listEnrollments({ usernames: ['ann'] }, request).catch(() => {});
  expect([...counted.values()]).toEqual([1, 1]);
});
