import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';

const request = { purpose: 'request' } as const;

let site: GraphSite;
/** Beside it, as a second process would be: same database, same LMS. */
let second: Gateway;
beforeAll(async () => {
  site = await startGraphSite();
  const { lmsUrl } = site.gateway.sandbox;
  second = await startGateway({
    databaseUrl: site.gateway.context.config.database.url,
    env: { OPENEDX_API_BASE_URL: lmsUrl },
  });
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

test('calls that one process makes of the LMS’s shared budget count in the other', async () => {
  const used = () => second.context.lms.client.status().limiter.used;
  const before = used();
  const { api, client } = site.gateway.context.lms;
  await api.listEnrollments({ usernames: ['ada'] }, request);
  await api.listEnrollments({ usernames: ['ada'] }, request);
  await eventually('the other process counts them', async () => used() === before + 2);
  expect(client.status().limiter.used).toBe(2);
  await second.context.lms.api.listEnrollments({ usernames: ['ada'] }, request);
  await eventually('this one counts the other’s', async () => client.status().limiter.used === 3);
});
