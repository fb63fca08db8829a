import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('../../../dist/src/cli/end-within.js', import.meta.url));

/** Runs a script that has done its work and set 3 as its exit code. */
const run = (more: string) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const script = `import { endWithin } from ${JSON.stringify(module)};
      process.exitCode = 3;
      endWithin(50, { warn: (...told) => console.error(JSON.stringify(told)) });
      ${more}`;
    execFile(process.execPath, ['--input-type=module', '--eval', script], (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });

test('a process that something keeps is ended, with its own exit code, and says what it was', async () => {
  const { code, stderr } = await run('setInterval(() => {}, 1000);');
  expect(code).toBe(3);
  expect(stderr).toContain('Timeout');
});

test('one that nothing keeps ends by itself', async () => {
  expect(await run('')).toEqual({ code: 3, stderr: '' });
});
