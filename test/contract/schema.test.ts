import { expect, test } from 'vitest';
import { printGraphSchema } from '../../src/resolvers/print-schema.js';

test('the committed SDL is what the code prints', async () => {
  await expect(printGraphSchema()).toMatchFileSnapshot('../../schema/schema.graphql');
});
