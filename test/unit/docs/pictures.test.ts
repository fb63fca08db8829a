import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = 'docs/images';
const mostBytes = 60_000;

test('every picture is shown in docs/pages.md, every picture shown there exists, and none is large', async () => {
  const pages = await readFile('docs/pages.md', 'utf8');
  const shown = [...pages.matchAll(/\]\(images\/([^)]+)\)/g)].map(([, name = '']) => name);
  const files = await readdir(folder);
  expect(shown.sort()).toEqual(files.sort());
  const sizes = await Promise.all(files.map(async (name) => ({ name, bytes: (await stat(`${folder}/${name}`)).size })));
  expect(sizes.filter(({ bytes }) => bytes > mostBytes)).toEqual([]);
});
