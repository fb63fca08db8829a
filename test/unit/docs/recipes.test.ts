import { readdir, readFile } from 'node:fs/promises';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';

const folder = 'docs/recipes';
const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
const operations = (
  await Promise.all(
    (
      await readdir(folder)
    ).map(async (name) => {
      const text = await readFile(`${folder}/${name}`, 'utf8');
      return [...text.matchAll(/^```graphql\n(.*?)^```$/gms)].map(([, source = '']) => [name, source] as const);
    }),
  )
).flat();

test('there are operations in the recipes', () => {
  expect(operations.length).toBeGreaterThan(3);
});

test.each(operations)('%s: the graph has what its operations ask for', (_, source) => {
  expect(validate(schema, parse(source)).map(({ message }) => message)).toEqual([]);
});
