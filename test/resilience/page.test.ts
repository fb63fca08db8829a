import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderFaults } from './page.js';

// After a change: npx vitest run test/resilience/page.test.ts --update
test('the tables of docs/resilience.md are what the tests of this folder hold', async () => {
  const path = '../../docs/resilience.md';
  const page = await readFile(new URL(path, import.meta.url), 'utf8');
  const [intro] = page.split('\n## Faults\n');
  await expect(`${intro}\n## Faults\n\n${renderFaults()}\n`).toMatchFileSnapshot(path);
});
