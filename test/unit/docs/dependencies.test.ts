import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('docs/dependencies.md says of every direct dependency what it is for, and of nothing else', async () => {
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const [, production = '', development = ''] = (await readFile('docs/dependencies.md', 'utf8')).split('\n## ');
  const namesIn = (section: string) => [...section.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, name]) => name);
  expect(namesIn(production)).toEqual(Object.keys(manifest.dependencies));
  expect(namesIn(development)).toEqual(Object.keys(manifest.devDependencies));
});
