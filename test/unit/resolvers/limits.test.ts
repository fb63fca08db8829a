import { type DocumentNode, GraphQLError, getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { expandRoles, nobody, type Role, type Viewer } from '../../../src/access/viewer.js';
import { checkOperation } from '../../../src/resolvers/limits/check-operation.js';
import { createDocuments } from '../../../src/resolvers/limits/documents.js';
import { buildGraphSchema } from '../../../src/resolvers/schema.js';

const schema = buildGraphSchema();
const readDocument = createDocuments(schema);
const refused = (text: string) => {
  const read = readDocument(text);
  return Array.isArray(read) ? read.map((error) => error.message).join(' ') : undefined;
};
const viewer = (role: Role): Viewer => ({ ...nobody, via: 'session', roles: expandRoles([role]) });
/** Each text is one document, as for a client that asks again. */
const documents = new Map<string, DocumentNode>();
const check = (
  text: string,
  { variables = {}, by = viewer('STAFF'), introspection = 'staff' as 'staff' | 'off' } = {},
) => {
  const document = documents.get(text) ?? parse(text);
  documents.set(text, document);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('the test has no operation');
  return checkOperation({ schema, document, operation, variables, viewer: by, introspection });
};
const codeOf = (act: () => unknown) => {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions.code : error;
  }
};

test('a document that is too deep is refused, also when fragments hide it', () => {
  const nested = (levels: number, leaf: string): string =>
    levels === 0 ? leaf : `edx { account { ${nested(levels - 1, leaf)} } }`;
  expect(refused(`{ viewer { ${nested(3, 'id')} } }`)).toBeUndefined();
  expect(refused(`{ viewer { ${nested(8, 'id')} } }`)).toContain('depth');
  const hidden = `{ viewer { ...A } } fragment A on Account { ${nested(4, '...B')} } fragment B on Account { ${nested(4, 'id')} }`;
  expect(refused(hidden)).toContain('depth');
});

test('floods of aliases, of __typename too, and of directives are refused', () => {
  const many = (count: number, of: (n: number) => string) => Array.from({ length: count }, (_, n) => of(n)).join(' ');
  expect(refused(`{ ${many(101, (n) => `a${n}: __typename`)} }`)).toContain('aliases');
  expect(refused(`{ ${many(90, (n) => `a${n}: __typename`)} }`)).toBeUndefined();
  const spread = `{ ${many(11, () => '...F')} } fragment F on Query { ${many(10, (n) => `a${n}: __typename`)} }`;
  expect(refused(spread)).toContain('aliases');
  expect(refused(`{ viewer { ${many(51, () => 'id @include(if: true)')} } }`)).toContain('directives');
  expect(refused(`{ ${'viewer { id } '.repeat(1000)} }`)).toContain('tokens');
});

test('fragments that spread each other in a circle are refused and do not hang', () => {
  expect(refused('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }')).toContain('Cannot spread');
});

test('what is wrong with a document is said without hints at the schema', () => {
  expect(refused('{ viewr { id } }')).toBe('Cannot query field "viewr" on type "Query".');
});

test('an operation costs by the sizes that it asks for, in variables too', () => {
  const page =
    'query Q($n: Int) { accounts(first: $n) { nodes { enrollments(first: 5) { nodes { grade { percent } } } } } }';
  expect(check('{ viewer { username email } }')).toBe(1);
  expect(check(page, { variables: { n: 10 } })).toBeLessThan(check(page, { variables: { n: 100 } }));
  expect(check(page, { variables: {} })).toBe(check(page, { variables: { n: 20 } }));
  expect(check('query Q($s: Boolean!) { viewer { edx @skip(if: $s) { state } } }', { variables: { s: true } })).toBe(1);
});

test('an operation above the limit is refused; STAFF may ask for more', () => {
  const large = '{ a: accounts(first: 200) { nodes { enrollments(first: 20) { nodes { grade { percent } } } } } }';
  expect(codeOf(() => check(large, { by: viewer('LEARNER') }))).toBe('OPERATION_TOO_COSTLY');
  expect(codeOf(() => check(large))).toBeUndefined();
  const larger = '{ accounts(first: 200) { nodes { enrollments(first: 200) { nodes { grade { percent } } } } } }';
  expect(codeOf(() => check(larger))).toBe('OPERATION_TOO_COSTLY');
});

test('introspection is for STAFF, and for nobody when it is off', () => {
  const text = '{ ...F } fragment F on Query { __schema { queryType { name } } }';
  expect(codeOf(() => check(text))).toBeUndefined();
  expect(codeOf(() => check(text, { by: viewer('LEARNER') }))).toBe('FORBIDDEN');
  expect(codeOf(() => check(text, { by: nobody }))).toBe('UNAUTHENTICATED');
  expect(codeOf(() => check(text, { introspection: 'off' }))).toBe('FORBIDDEN');
  expect(codeOf(() => check('{ __typename }', { by: nobody }))).toBeUndefined();
});
