import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../../src/resolvers/global-id.js';
import { askGraph } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';

let site: GraphSite;
beforeAll(async () => {
  site = await startGraphSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test('fragments that spread the next one twice, and so on, cost a stranger nothing', async () => {
  const levels = 60;
  const fragments = Array.from(
    { length: levels },
    (_, level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`,
  );
  const bomb = `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { viewer { id } }`;
  expect(await askGraph({ url: site.url }, bomb)).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'OPERATION_TOO_COSTLY' } }],
  });
});

test('a stranger who asks for nodes makes Portico ask nobody', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => toGlobalId('CourseRun', `course-v1:No+Such${n}+run`));
  await site.lms.forgetRequests();
  const { errors } = await askGraph({ url: site.url }, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
  expect(new Set(errors?.map((error) => error.extensions?.code))).toEqual(new Set(['UNAUTHENTICATED']));
  expect(await site.lms.requests()).toEqual([]);
});

test('an id or a scheme of authorization named like a member of every object is of no type', async () => {
  for (const name of ['constructor', 'toString', '__proto__'])
    expect(
      await askGraph({ url: site.url }, 'query ($id: ID!) { node(id: $id) { id } }', { id: toGlobalId(name, '1') }),
    ).toEqual({
      status: 200,
      data: { node: null },
    });
  const { url } = site;
  const { token } = await site.caller(await site.aPerson({ username: 'ada' }), 'learning:read');
  const answer = await fetch(`${url}/api/users/me`, { headers: { authorization: `constructor ${token}` } });
  expect(answer.status).toBe(401);
  const page = await fetch(`${url}/login?done=constructor`, { headers: { accept: 'text/html' } });
  expect(await page.text()).not.toContain('native code');
});
