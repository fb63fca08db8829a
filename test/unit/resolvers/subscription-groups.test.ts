import { type ExecutionArgs, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { expect, test } from 'vitest';
import { expandRoles, nobody, type Role, type Viewer } from '../../../src/access/viewer.js';
import type { Change } from '../../../src/changes/change.js';
import { DatabaseUnavailableError, UnauthenticatedError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';
import { guardFields } from '../../../src/resolvers/access/guard-fields.js';
import type { GraphContext } from '../../../src/resolvers/context.js';
import { createChangeTopics } from '../../../src/resolvers/subscription/change-topics.js';
import { createSubscriptionGroups } from '../../../src/resolvers/subscription/subscription-groups.js';
import { eventually } from '../../support/eventually.js';

const logger = createLogger('silent');
const personOf = (id: string, role: Role, scopes?: string[]): Viewer => ({
  ...nobody,
  via: scopes ? 'token' : 'session',
  account: { id, username: id, email: `${id}@example.org`, name: id },
  scopes: scopes && new Set(scopes),
  roles: expandRoles([role]),
  restsOn: [`account:${id}`],
});

/** A graph of one subscription, whose fields are open to different people, fed by the test. */
function schoolOfTest() {
  const counts = { executions: 0 };
  const state = { isAway: false };
  const open = { access: {} };
  const type = new GraphQLObjectType({
    name: 'Enrollment',
    fields: {
      shared: { type: GraphQLString, extensions: open, resolve: () => 'for all' },
      mail: {
        type: GraphQLString,
        extensions: { access: { scope: 'accounts:read', role: 'STAFF', own: true, ownScope: 'user:read' } },
        resolve: () => 'a mail',
      },
      staff: { type: GraphQLString, extensions: { access: { role: 'STAFF' } }, resolve: () => 'for staff' },
      me: {
        type: GraphQLString,
        extensions: open,
        resolve: (_source, _args, { viewer }: GraphContext) => viewer.account?.id,
      },
    },
  });
  const anything = new GraphQLObjectType({ name: 'Query', fields: { no: { type: GraphQLString, extensions: open } } });
  const schema = new GraphQLSchema({
    query: anything,
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        changed: {
          type,
          extensions: open,
          args: { of: { type: GraphQLString } },
          subscribe: (_source, { of }, { topics }: GraphContext) =>
            topics.follow({ topic: 'edx-link', subject: of, catchUp: async () => [] }),
          resolve: ({ accountId }) => {
            counts.executions += 1;
            if (state.isAway) throw new DatabaseUnavailableError({ cause: new Error('away') });
            return { ownerId: accountId };
          },
        },
      },
    }),
  });
  guardFields(schema);
  const listeners = new Set<(change: Change) => void>();
  const changes = {
    subscribe: (listener: (change: Change) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onResync: () => () => true,
  };
  const topics = createChangeTopics({ changes, logger });
  const createContext = ({ viewer }: { viewer: Viewer }) =>
    ({
      viewer,
      topics,
      actor: {},
      requestId: '1',
      learning: { upstreamTrouble: () => [], plans: () => [] },
    }) as never as GraphContext;
  const groups = createSubscriptionGroups({ createContext, changes, logger });
  const say = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  return {
    groups,
    topics,
    counts,
    state,
    say,
    tellOf: (accountId: string) => say({ topic: 'edx-link', accountId, edxLinkId: '1' }),
    listenerCount: () => listeners.size,
    /** Subscribes; `viewer` may change while it lives. */
    async join(query: string, viewer: Viewer, variables: Record<string, unknown> = {}) {
      const person = { viewer: viewer as Viewer | undefined, isDoubted: false };
      const heard: { data?: unknown; errors?: { extensions: { code: string } }[] }[] = [];
      const ended: unknown[] = [];
      const context = createContext({ viewer });
      const args: ExecutionArgs = { schema, document: parse(query), variableValues: variables, contextValue: context };
      const membership = await groups.join(args, context, {
        caller: {
          address: null,
          recentViewer: () => (person.isDoubted ? undefined : person.viewer),
          async viewer() {
            if (!person.viewer) throw new UnauthenticatedError();
            person.isDoubted = false;
            return person.viewer;
          },
          doubt: () => {
            person.isDoubted = true;
          },
        },
        next: ({ json }) => heard.push(JSON.parse(json.toString())),
        complete: () => ended.push('complete'),
        fail: (error) => ended.push(error),
      });
      if (!('leave' in membership)) throw new Error('was refused');
      return { person, heard, ended, leave: membership.leave };
    },
  };
}
const heardBy = (subscribers: { heard: unknown[] }[], count = 1) =>
  eventually('the answers', async () => subscribers.every(({ heard }) => heard.length === count), { pauseMs: 1 });

const document = `subscription { changed(of: "ada") { shared mail staff me } }`;
const withoutMe = `subscription { changed(of: "ada") { shared mail staff } }`;

test('equal subscriptions of people with equal rights are answered once; others are not', async () => {
  const school = schoolOfTest();
  const query = `subscription ($of: String) { changed(of: $of) { shared staff } }`;
  const staff = await Promise.all(
    Array.from({ length: 20 }, (_, n) => school.join(query, personOf(`s${n}`, 'STAFF'), { of: 'ada' })),
  );
  const other = await school.join(query, personOf('s1', 'STAFF'), { of: 'grace' });
  const scoped = await school.join(query, personOf('s2', 'STAFF', ['learning:read']), { of: 'ada' });
  expect([school.groups.memberCount(), school.groups.groupCount(), school.topics.followerCount()]).toEqual([22, 3, 3]);
  school.tellOf('ada');
  await heardBy([...staff, scoped]);
  expect(school.counts.executions).toBe(2);
  expect(other.heard).toEqual([]);
  expect(new Set(staff.map(({ heard }) => JSON.stringify(heard))).size).toBe(1);
});

test('together nobody hears what they would not have heard alone, whatever their role, scopes and rows', async () => {
  const ids = ['ada', 'grace', 'sam', 'sue', 'root'];
  const roles: Role[] = ['LEARNER', 'STAFF', 'SUPPORT', 'ADMIN', 'PARTNER'];
  const scopes = [undefined, ['user:read'], ['accounts:read'], ['learning:read'], ['user:read', 'accounts:read']];
  const viewers = ids.flatMap((id) => roles.flatMap((role) => scopes.map((held) => personOf(id, role, held))));
  for (const query of [document, withoutMe]) {
    const alone: unknown[] = [];
    for (const viewer of viewers) {
      const school = schoolOfTest();
      const subscriber = await school.join(query, viewer);
      school.tellOf('ada');
      await heardBy([subscriber]);
      alone.push(subscriber.heard);
    }
    const school = schoolOfTest();
    const together = await Promise.all(viewers.map((viewer) => school.join(query, viewer)));
    school.tellOf('ada');
    await heardBy(together);
    expect(together.map(({ heard }) => heard)).toEqual(alone);
    // Whoever asks for nothing of their own shares: the owner is answered apart from the four others.
    const kinds = roles.length * scopes.length;
    expect(school.counts.executions).toBe(query === withoutMe ? 2 * kinds : viewers.length);
  }
});

test('who has other rights than before hears what goes with the new ones, from the very next event on', async () => {
  const school = schoolOfTest();
  const sam = await school.join(withoutMe, personOf('sam', 'STAFF'));
  const sue = await school.join(withoutMe, personOf('sue', 'STAFF'));
  const grace = await school.join(withoutMe, personOf('grace', 'STAFF'));
  sam.person.viewer = personOf('sam', 'LEARNER');
  sue.person.viewer = undefined;
  for (const accountId of ['sam', 'sue']) school.say({ topic: 'account', accountId });
  school.tellOf('ada');
  await heardBy([sam, grace]);
  expect(grace.heard[0]?.data).toEqual({ changed: { shared: 'for all', mail: 'a mail', staff: 'for staff' } });
  expect(sam.heard[0]).toMatchObject({
    data: { changed: { shared: 'for all', mail: null, staff: null } },
    errors: [{ extensions: { code: 'FORBIDDEN' } }, { extensions: { code: 'FORBIDDEN' } }],
  });
  expect(sue.ended).toEqual([expect.any(UnauthenticatedError)]);
  expect(sue.heard).toEqual([]);
  expect(school.groups.memberCount()).toBe(2);
});

test('what comes while the database is away is told when it is back, as it is then', async () => {
  const school = schoolOfTest();
  const sam = await school.join(withoutMe, personOf('sam', 'STAFF'));
  school.state.isAway = true;
  for (let n = 0; n < 5; n++) school.tellOf('ada');
  await eventually('a try', async () => school.counts.executions > 0, { pauseMs: 1 });
  expect(sam.heard).toEqual([]);
  school.state.isAway = false;
  await heardBy([sam], 2); // the one that was tried, and the others as one
  expect(sam.heard[1]?.data).toEqual({ changed: { shared: 'for all', mail: 'a mail', staff: 'for staff' } });
  expect(sam.ended).toEqual([]);
});

test('the last to leave ends the listening; a late one begins anew', async () => {
  const school = schoolOfTest();
  const members = await Promise.all(['a', 'b', 'c'].map((id) => school.join(withoutMe, personOf(id, 'STAFF'))));
  for (const { leave } of members) leave();
  expect([school.groups.memberCount(), school.topics.followerCount()]).toEqual([0, 0]);
  const late = await school.join(withoutMe, personOf('d', 'STAFF'));
  school.tellOf('ada');
  await heardBy([late]);
  school.groups[Symbol.dispose]();
  await eventually('the end', async () => late.ended.length === 1, { pauseMs: 1 });
  expect(late.ended).toEqual(['complete']);
  school.topics[Symbol.dispose]();
  expect(school.listenerCount()).toBe(0);
});
