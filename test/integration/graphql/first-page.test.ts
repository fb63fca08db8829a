import { afterAll, beforeAll, expect, test } from 'vitest';
import { EdxLinkEntity } from '../../../src/entities/edx-link.entity.js';
import { graphql } from '../../../src/generated/index.js';
import { dataOf, type GraphCaller, gql } from '../../support/gql.js';
import { type ProviderSite, startProviderSite } from '../../support/provider-site.js';
import { countStatements, type StatementCount } from '../../support/statement-count.js';
import { obtainTokens } from '../oauth/clients.js';

const FirstPage = graphql(`
  query FirstPageOfTest {
    viewer {
      username
      name
      edx { state edxUsername }
      enrollments { freshness { stale } nodes { courseRun { courseKey } } }
    }
  }
`);
const Rename = graphql(`
  mutation RenameOfTest($name: String!) {
    updateProfile(input: { name: $name }) { account { name edx { edxUsername } } userErrors { message } }
  }
`);

let site: ProviderSite;
let statements: StatementCount;
beforeAll(async () => {
  site = await startProviderSite({ sandbox: 'demo' });
  statements = countStatements();
});
afterAll(async () => {
  statements[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

/** Somebody with an LMS user, and what gives them a token that no process has seen yet. */
async function aLearner(username: string): Promise<() => Promise<GraphCaller>> {
  const { id } = await site.anAccount({ username });
  const linked = { state: 'LINKED', edxUsername: username, remoteId: username } as const;
  await site.orm.em.fork().nativeUpdate(EdxLinkEntity, { accountId: id }, linked);
  const scopes = ['openid', 'profile', 'learning:read', 'accounts:write'];
  const client = await site.aClient({ scopes });
  return async () => {
    const tokens = await obtainTokens(site, client, username, { scope: scopes.join(' '), prompt: 'consent' });
    return { url: site.url, token: String(tokens.access_token) };
  };
}

/** What an account's page needs that was not read along with the token. */
const readAlone = () =>
  [...statements.take().keys()].filter(
    (text) =>
      /^\s*select/.test(text) && /"account"|"edx_link"|learning_answer/.test(text) && !/oidc_artifact/.test(text),
  ).length;

test('the first page of a token reads account, link and what is kept along with it', async () => {
  const newCaller = await aLearner('ada');
  const caller = await newCaller();
  statements.take();
  const { viewer } = await dataOf(gql(caller, FirstPage));
  expect(viewer).toMatchObject({
    username: 'ada',
    edx: { state: 'LINKED', edxUsername: 'ada' },
    enrollments: { freshness: { stale: false } },
  });
  expect(viewer?.enrollments?.nodes.length).toBeGreaterThan(0);
  expect(readAlone()).toBe(0);
  // The token is known now: what it stands for is read as it is.
  expect((await dataOf(gql(caller, FirstPage))).viewer).toEqual(viewer);
  expect(readAlone()).toBeGreaterThan(0);
});

test('a page shows each change that was made before it, by the same token and by a new one', async () => {
  const newCaller = await aLearner('bob');
  const caller = await newCaller();
  const nameOf = async (one: GraphCaller) => (await dataOf(gql(one, FirstPage))).viewer?.name;
  const rename = async (one: GraphCaller, name: string) =>
    (await dataOf(gql(one, Rename, { name }))).updateProfile.account;
  expect(await rename(caller, 'Bob the First')).toEqual({ name: 'Bob the First', edx: { edxUsername: 'bob' } });
  expect(await nameOf(caller)).toBe('Bob the First');
  const other = await newCaller();
  await rename(caller, 'Bob the Second');
  expect(await Promise.all([nameOf(caller), nameOf(other)])).toEqual(['Bob the Second', 'Bob the Second']);
});
