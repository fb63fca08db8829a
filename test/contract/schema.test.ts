import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { expect, test } from 'vitest';
import { printGraphSchema } from '../../src/resolvers/print-schema.js';
import { buildGraphSchema } from '../../src/resolvers/schema.js';

const schema = buildGraphSchema();

test('the committed SDL is what the code prints', async () => {
  await expect(printGraphSchema(schema)).toMatchFileSnapshot('../../schema/schema.graphql');
});

test('every type, field, argument and enum value says what it is', () => {
  expect(undescribed(schema)).toEqual([]);
});

/** Lists that the LMS gives a page at a time, from the start alone. */
const forwardOnly = ['CourseRun.enrollments', 'CourseRun.grades', 'Query.thirdPartyMappings'];

test('every connection can be paged from both ends', () => {
  const connections = ownTypes(schema)
    .filter((type) => isObjectType(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })))
    .filter(({ field }) => /Connection!?$/.test(String(field.type)));
  expect(connections.length).toBeGreaterThan(5);
  for (const { name, field } of connections)
    expect(
      field.args.map((arg) => arg.name),
      name,
    ).toEqual(
      expect.arrayContaining(forwardOnly.includes(name) ? ['first', 'after'] : ['first', 'after', 'last', 'before']),
    );
});

test('every mutation takes one input and answers a payload with userErrors', () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  expect(mutations.length).toBeGreaterThan(7);
  for (const mutation of mutations) {
    const word = mutation.name.charAt(0).toUpperCase() + mutation.name.slice(1);
    expect(mutation.args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([`input: ${word}Input!`]);
    expect(String(mutation.type)).toBe(`${word}Payload!`);
    const payload = schema.getType(`${word}Payload`);
    expect(isObjectType(payload) && String(payload.getFields().userErrors?.type)).toBe('[UserError!]!');
  }
});

function ownTypes(from: GraphQLSchema): GraphQLNamedType[] {
  const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);
  return Object.values(from.getTypeMap()).filter((type) => !type.name.startsWith('__') && !builtIn.has(type.name));
}

function undescribed(from: GraphQLSchema): string[] {
  return ownTypes(from).flatMap((type) => {
    const isRoot = [from.getQueryType(), from.getMutationType(), from.getSubscriptionType()].includes(type as never);
    const missing = type.description || isRoot ? [] : [type.name];
    if (isEnumType(type))
      missing.push(...type.getValues().flatMap((value) => (value.description ? [] : [`${type.name}.${value.name}`])));
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
      for (const field of Object.values(type.getFields())) {
        if (!field.description) missing.push(`${type.name}.${field.name}`);
        if ('args' in field)
          for (const arg of field.args) if (!arg.description) missing.push(`${type.name}.${field.name}(${arg.name})`);
      }
    return missing;
  });
}
