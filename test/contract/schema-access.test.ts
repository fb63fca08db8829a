import { type GraphQLField, type GraphQLSchema, isObjectType, parse, valueFromASTUntyped, visit } from 'graphql';
import { expect, test } from 'vitest';
import { type Access, refusal } from '../../src/access/policy.js';
import { expandRoles, nobody, type Role, type Viewer } from '../../src/access/viewer.js';
import { ForbiddenError, UnauthenticatedError } from '../../src/errors.js';
import { printGraphSchema } from '../../src/resolvers/print-schema.js';
import { buildGraphSchema } from '../../src/resolvers/schema.js';

const schema = buildGraphSchema();
const own = '01938f0a-0000-7000-8000-000000000001';
const foreign = '01938f0a-0000-7000-8000-000000000002';
const scopes = ['user:read', 'profile', 'email', 'learning:read', 'learning:write', 'accounts:read', 'accounts:write'];
const moreScopes = ['clients:admin', 'operations:admin', 'programs:read', 'tpa:read'];

test('what @access says of a field in the SDL is what its resolver enforces, for every kind of caller', async () => {
  const declared = declarations(printGraphSchema(schema));
  const fields = [...objectFields(schema)];
  expect(fields.length).toBeGreaterThan(150);
  for (const { name, field, isSubscription } of fields) {
    const access = declared.get(name);
    expect(access, `${name} has no @access in the SDL`).toBeDefined();
    // Root fields have no source object: whose affairs they are about comes from the arguments, the viewer's without them.
    const isRoot = /^(Query|Mutation|Subscription)\./.test(name);
    const owners = isRoot ? [undefined] : [own, foreign, undefined];
    const resolvers = isSubscription ? [field.subscribe, field.resolve] : [field.resolve];
    for (const viewer of viewers())
      for (const ownerId of owners)
        for (const resolve of resolvers) {
          const expected = refusal(viewer, access ?? {}, isRoot ? viewer.account?.id : ownerId);
          const seen = await refusalOf(resolve, viewer, ownerId);
          expect(seen?.constructor, `${name} for ${describeViewer(viewer)}`).toBe(expected?.constructor);
        }
  }
});

test('these root fields are open to strangers, and no others', () => {
  const open = [...declarations(printGraphSchema(schema))]
    .filter(([name, access]) => /^(Query|Mutation|Subscription)\./.test(name) && !refusal(nobody, access))
    .map(([name]) => name);
  expect(open.sort()).toEqual(['Query.node', 'Query.nodes', 'Query.viewer']);
});

function* viewers(): Generator<Viewer> {
  yield nobody;
  const account = { id: own, username: 'ada', email: 'ada@example.org', name: 'Ada' };
  for (const role of ['LEARNER', 'STAFF', 'SUPPORT', 'ADMIN', 'PARTNER'] satisfies Role[]) {
    const roles = expandRoles([role]);
    yield { ...nobody, via: 'session', account, roles };
    for (const scope of [...scopes, ...moreScopes])
      yield { ...nobody, via: 'token', account, roles, scopes: new Set([scope]) };
  }
  yield { ...nobody, via: 'token', clientId: 'c', scopes: new Set([...scopes, ...moreScopes]) };
}

function describeViewer({ via, roles, scopes: held }: Viewer): string {
  return `${via} with roles ${[...roles]} and scopes ${held ? [...held] : 'all'}`;
}

function* objectFields(from: GraphQLSchema) {
  for (const type of Object.values(from.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      yield { name: `${type.name}.${field.name}`, field, isSubscription: type === from.getSubscriptionType() };
  }
}

/** What each field's `@access` says, read from the printed SDL alone. */
function declarations(sdl: string): Map<string, Access> {
  const found = new Map<string, Access>();
  visit(parse(sdl), {
    ObjectTypeDefinition(type) {
      for (const field of type.fields ?? []) {
        const directive = field.directives?.find(({ name }) => name.value === 'access');
        const args = directive?.arguments?.map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]);
        if (args) found.set(`${type.name.value}.${field.name.value}`, Object.fromEntries(args));
      }
    },
  });
  return found;
}

class Passed extends Error {}

/** Calls a resolver with a context in which only the viewer is there, unwatched: whatever it reaches for next shows that it got past. */
async function refusalOf(
  resolve: GraphQLField<unknown, unknown>['resolve'],
  viewer: Viewer,
  ownerId: string | undefined,
): Promise<UnauthenticatedError | ForbiddenError | undefined> {
  const context = new Proxy(
    { viewer },
    {
      get(target, name) {
        if (name === 'viewer') return target.viewer;
        if (name === 'ownership') return undefined;
        throw new Passed();
      },
    },
  );
  try {
    await resolve?.({ ownerId }, { input: {} }, context, {} as never);
  } catch (error) {
    if (error instanceof UnauthenticatedError || error instanceof ForbiddenError) return error;
  }
  return undefined;
}
