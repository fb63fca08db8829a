import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import {
  beginUpload,
  learnersInLms,
  lookAt,
  openProgramSchool,
  studentKeyOf,
  writesOf,
} from '../../support/program-school.js';

const rows = 20_000;

test('a worker that is killed in the middle of 20,000 rows sends each of them once, and the results are complete', async () => {
  const home = await mkdtemp(join(tmpdir(), 'portico-upload-killed-'));
  try {
    await using school = await openProgramSchool(home);
    const { halves, context } = school;
    const before = await learnersInLms(school);
    const id = await beginUpload(school, rows);
    await halves.start('worker');
    const doneWhenKilled = await eventually(
      'a third is written',
      async () => {
        const { done } = await lookAt(school, id);
        return done >= rows / 3 && done;
      },
      { deadlineMs: 60_000, pauseMs: 20 },
    );
    await halves.kill(['worker']);
    expect((await lookAt(school, id)).state).toBe('RUNNING');
    expect(doneWhenKilled).toBeLessThan(rows);

    await halves.start('worker');
    const ended = await eventually(
      'the upload ends',
      async () => {
        const operation = await lookAt(school, id);
        return operation.finishedAt != null && operation;
      },
      { deadlineMs: 120_000 },
    );
    expect(ended).toMatchObject({ state: 'SUCCEEDED', total: rows, done: rows, failed: 0 });
    const [results] = await context.orm.em
      .fork()
      .execute<{ rows: string; keys: string }[]>(
        `select count(*) as rows, count(distinct key) as keys from operation_row where operation_id = ? and outcome = 'OK'`,
        [id],
      );
    expect(results).toEqual({ rows: String(rows), keys: String(rows) });

    // As many rows went out as there are learners, and all of them are there: none went out twice.
    const sent = (await writesOf(school)).reduce((sum, call) => sum + (call.rows ?? 0), 0);
    expect(sent).toBe(rows);
    const learners = await learnersInLms(school);
    expect(learners.size).toBe(before.size + rows);
    expect(learners.get(studentKeyOf(1))).toBe('enrolled');
    expect(learners.get(studentKeyOf(rows))).toBe('enrolled');
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}, 240_000);
