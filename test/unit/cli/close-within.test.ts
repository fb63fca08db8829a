import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('../../../dist/src/cli/close-within.js', import.meta.url));

/** Runs a script that closes by `close`, and then sets 3 as its exit code. */
const run = (close: string) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const script = `import { closeWithin } from ${JSON.stringify(module)};
      await closeWithin(50, ${close}, { warn: (...told) => console.error(JSON.stringify(told)) });
      process.exitCode = 3;`;
    execFile(process.execPath, ['--input-type=module', '--eval', script], (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });

test('a process that something keeps is ended, with its own exit code, and says what it was', async () => {
  const { code, stderr } = await run('async () => { setInterval(() => {}, 1000); }');
  expect(code).toBe(3);
  expect(stderr).toContain('Timeout');
});

test('one whose closing hangs does not say that it went well', async () => {
  const { code, stderr } = await run('() => new Promise((resolve) => setTimeout(resolve, 5000))');
  expect(code).toBe(1);
  expect(stderr).toContain('Timeout');
});

test('one that nothing keeps ends by itself', async () => {
  expect(await run('async () => {}')).toEqual({ code: 3, stderr: '' });
});
