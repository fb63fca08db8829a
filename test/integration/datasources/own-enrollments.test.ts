import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSealer } from '../../../src/crypto/sealer.js';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { answerJson, connectLms, startScriptedLms } from './scripted-lms.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test('a read in a learner’s name bears their token, and nothing of the service worker’s budget', async () => {
  await using lms = await startScriptedLms((_seen, response) => answerJson(response, 200, []));
  await using portico = connectLms(lms.url);
  expect(await portico.api.ownEnrollments('ann', 'learners-token', { purpose: 'request' })).toEqual([]);
  expect(lms.seen).toMatchObject([
    { url: '/api/enrollment/v1/enrollment?user=ann', headers: { authorization: 'Bearer learners-token' } },
  ]);
  expect(portico.api.status().limiter.used).toBe(0);
});

test('only a linked account with a token that is good now reads in its own name; the LMS is not asked for one', async () => {
  const { services, orm, secrets } = site.gateway.context;
  const { id } = await site.aPerson({ username: 'own-ann' });
  await site.lms.forgetRequests();
  expect(await services.edxApiTokens.findOwn(id)).toBeUndefined();
  const sealed = await createSealer(secrets.keys, 'edx-api-token').seal('learners-token');
  const write = (apiTokenExpiresAt: Date) =>
    orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: id }, { apiAccessToken: sealed, apiTokenExpiresAt });
  await write(new Date(Date.now() + 60_000));
  expect(await services.edxApiTokens.findOwn(id)).toEqual({ lmsUsername: 'own-ann', accessToken: 'learners-token' });
  await write(new Date(Date.now() - 1));
  expect(await services.edxApiTokens.findOwn(id)).toBeUndefined();
  expect(await site.lms.requests()).toEqual([]);
});
