import { expect, test } from 'vitest';
import { createOrm } from '../../../src/entities/orm.js';
import { readFigures } from '../../../src/services/figures/read.js';
import { createTestDatabase } from '../../support/test-database.js';

test('of used up jobs those count as dead that failed, not what was put in again while it ran', async () => {
  await using database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    const em = orm.em.fork();
    for (const name of ['superseded', 'failed', 'waiting'])
      await em.execute('select graphile_worker.add_job(?, max_attempts => 3)', [name]);
    await em.execute(
      `update graphile_worker._private_jobs job set attempts = 3,
         last_error = case when task.identifier = 'failed' then 'why' end
       from graphile_worker._private_tasks task where task.id = job.task_id and task.identifier <> 'waiting'`,
    );
    const { queues } = await readFigures(em, ['superseded', 'failed', 'waiting'], (job) => job);
    expect(queues).toMatchObject({
      superseded: { due: 0, dead: 0 },
      failed: { due: 0, dead: 1 },
      waiting: { due: 1, dead: 0 },
    });
  } finally {
    await orm.close();
  }
});
