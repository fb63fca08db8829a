import { type DocumentNode, type FieldNode, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { selectedPaths } from '../../../src/resolvers/selection.js';

function pathsOf(source: string, variableValues: Record<string, unknown> = {}, depth = 5): string[] {
  const document: DocumentNode = parse(source);
  const fragments = Object.fromEntries(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fieldNodes = operation?.selectionSet.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD);
  return [...selectedPaths({ fieldNodes: fieldNodes ?? [], fragments, variableValues }, depth)];
}

test('fields are found by their own names, below each other', () => {
  expect(pathsOf('{ enrollments { nodes { g: grade { percent } } } }')).toEqual([
    'nodes',
    'nodes.grade',
    'nodes.grade.percent',
  ]);
});

test('fragments are looked through, wherever they stand', () => {
  const source = '{ list { ...A ... on B { two } } } fragment A on B { one { ...C } } fragment C on D { three }';
  expect(pathsOf(source)).toEqual(['one', 'one.three', 'two']);
});

test('what is skipped or not included is not asked for', () => {
  const source = `query ($on: Boolean!) { list {
    a @skip(if: $on) b @include(if: $on) ... @include(if: $on) { c } ...F @skip(if: $on)
  } } fragment F on T { d }`;
  expect(pathsOf(source, { on: true })).toEqual(['b', 'c']);
  expect(pathsOf(source, { on: false })).toEqual(['a', 'd']);
});

test('it looks no deeper than it is told', () => {
  expect(pathsOf('{ list { a { b { c } } } }', {}, 2)).toEqual(['a', 'a.b']);
});
