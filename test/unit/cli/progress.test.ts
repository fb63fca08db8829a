import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createProgress } from '../../../src/cli/progress.js';

function stream(isTTY: boolean) {
  let written = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return { sink: Object.assign(sink, { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream, text: () => written };
}

test('where there is no terminal, a command that has run for a while says how far it is, and not too often', () => {
  const { sink, text } = stream(false);
  let now = 0;
  using progress = createProgress('learners repaired', sink, () => now);
  progress.report({ done: 1, total: 100 });
  expect(text()).toBe('');
  now = 2_000;
  progress.report({ done: 10, total: 100 });
  now = 3_000;
  progress.report({ done: 20, total: 100 });
  now = 12_500;
  progress.report({ done: 30, total: 100, failed: 2 });
  now = 30_000;
  progress.report({ done: 40 });
  expect(text().split('\n')).toEqual([
    '10 of 100 learners repaired',
    '30 of 100 learners repaired, 2 failed',
    '40 learners repaired',
    '',
  ]);
});

test('on a terminal a command draws a bar', () => {
  const { sink, text } = stream(true);
  {
    using progress = createProgress('learners repaired', sink);
    progress.report({ done: 0, total: 4 });
    progress.report({ done: 2, total: 4, failed: 1 });
  }
  expect(text()).toContain(`[${'='.repeat(15)}${' '.repeat(15)}] 2 of 4 learners repaired, 1 failed`);
});
