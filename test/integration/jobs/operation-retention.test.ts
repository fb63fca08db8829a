import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/crypto/authenticator.js';
import { createSealer } from '../../../src/crypto/sealer.js';
import { OperationEntity, OperationRowEntity, type OperationState } from '../../../src/entities/operation.entity.js';
import { createOrm } from '../../../src/entities/orm.js';
import { NotFoundError } from '../../../src/errors.js';
import { createOperationFiles } from '../../../src/services/operation/operation-files.js';
import { createPruneService } from '../../../src/services/prune.service.js';
import { createTestDatabase } from '../../support/test-database.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const keys = ['a key that is long enough for a test of it'];

/** An operation with two rows. @returns its id */
async function anOperation(em: EntityManager, begun: Date, finished: Date | null, state: OperationState) {
  const fork = em.fork();
  const operation = fork.create(OperationEntity, {
    ...{ kind: 'EXPORT_GRADES', state, input: {}, lane: null },
    ...{ createdAt: begun, begunAt: begun, finishedAt: finished },
  });
  await fork.flush();
  for (const number of [1, 2])
    fork.create(OperationRowEntity, { operationId: operation.id, number, key: `row ${number}` });
  await fork.flush();
  return operation.id;
}

test('operations that ended longer ago than the settings say go with their rows and files; unfinished ones never do', async () => {
  await using database = await createTestDatabase();
  const orm = createOrm({ url: database.url, poolSize: 2 });
  try {
    const { em } = orm;
    const start = new Date('2026-01-01T00:00:00Z');
    let now = start;
    const clock = () => now;
    const files = createOperationFiles({
      ...{ em, clock, publicUrl: 'https://portico.example.edu', keptHours: 48 },
      ...{ sealer: createSealer(keys, 'files'), authenticator: createAuthenticator(keys, 'files') },
      audit: { record: async () => undefined },
    });
    const prune = createPruneService({ em, clock, pruneOAuth: async () => 0, operationsKeptDays: 10 });
    const ended = await anOperation(em, start, start, 'PARTIAL');
    const canceled = await anOperation(em, start, start, 'CANCELED');
    const later = await anOperation(em, start, new Date(start.getTime() + 5 * dayMs), 'SUCCEEDED');
    const running = await anOperation(em, start, null, 'RUNNING');
    const waiting = await anOperation(em, start, null, 'QUEUED');
    for (const id of [ended, running])
      await files.write(id, { name: 'grades.csv', mediaType: 'text/csv' }, (out) => pipeline(['a,b\r\n'], out));
    const left = async (sql: string) => (await em.fork().execute<{ id: string }[]>(sql)).map(({ id }) => id).sort();
    const withFile = () => left('select operation_id as id from operation_file');
    const withParts = () => left('select distinct operation_id as id from operation_file_part');
    const withRows = () => left('select distinct operation_id as id from operation_row');
    const operations = () => left('select id from operation');
    const all = [ended, canceled, later, running, waiting].sort();

    now = new Date(start.getTime() + 47 * hourMs);
    await prune.run();
    const [file] = await files.find([ended]);
    if (!file) throw new Error('the file is not there any more');
    const { searchParams } = new URL(files.link(file).url);
    const address = {
      operationId: ended,
      expires: searchParams.get('expires') ?? '',
      signature: searchParams.get('signature') ?? '',
    };
    expect(await text((await files.open(address, null)).text)).toBe('a,b\r\n');

    // Its address is good for some minutes more, and the file is not.
    now = new Date(start.getTime() + 48 * hourMs);
    expect(await files.find([ended])).toEqual([]);
    now = new Date(start.getTime() + 48 * hourMs + 1);
    expect(await prune.run()).toMatchObject({ operation_file: 1, operation_row: 0, operation: 0 });
    await expect(files.open(address, null)).rejects.toThrow(NotFoundError);
    // What is not finished may be writing its file still.
    for (const found of [await withFile(), await withParts()]) expect(found).toEqual([running]);
    for (const found of [await operations(), await withRows()]) expect(found).toEqual(all);

    now = new Date(start.getTime() + 10 * dayMs);
    expect(await prune.run()).toMatchObject({ operation_row: 0, operation: 0 });
    now = new Date(start.getTime() + 10 * dayMs + 1);
    expect(await prune.count()).toMatchObject({ operation_row: 4 });
    expect(await prune.run()).toMatchObject({ operation_row: 4, operation: 2 });
    for (const found of [await operations(), await withRows()]) expect(found).toEqual([later, running, waiting].sort());

    now = new Date(start.getTime() + 3650 * dayMs);
    await prune.run();
    for (const found of [await operations(), await withRows()]) expect(found).toEqual([running, waiting].sort());
    expect(await withFile()).toEqual([running]);
  } finally {
    await orm.close();
  }
});
