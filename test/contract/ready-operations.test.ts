import { readdir, readFile } from 'node:fs/promises';
import { buildSchema, getOperationAST, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { expect, test } from 'vitest';

const folder = 'src/http/playground';
const names = (await readdir(folder)).sort();
const operations = names.filter((name) => name.endsWith('.graphql'));

test.each(operations)('the ready operation %s fits the schema, with its variables', async (name) => {
  const schema = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
  const document = parse(await readFile(`${folder}/${name}`, 'utf8'));
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  expect(operation?.name?.value).toMatch(/^[A-Z]\w+$/);
  const variablesFile = name.replace('.graphql', '.variables.json');
  const variables = names.includes(variablesFile)
    ? JSON.parse(await readFile(`${folder}/${variablesFile}`, 'utf8'))
    : {};
  const { errors } = getVariableValues(schema, operation?.variableDefinitions ?? [], variables);
  expect(errors).toBeUndefined();
});

test('the operations that support needs are ready, under the names that the runbook uses', async () => {
  const texts = await Promise.all(operations.map((name) => readFile(`${folder}/${name}`, 'utf8')));
  const ready = texts.map((text) => getOperationAST(parse(text))?.name?.value);
  expect(ready).toEqual(
    expect.arrayContaining(['FindAccount', 'StuckLinks', 'RepairEdxLink', 'StuckEnrollments', 'BackgroundWork']),
  );
});
