import type { EntityManager } from '@mikro-orm/postgresql';

/** The operation whose turn it is in a lane. */
export async function firstOfLane(em: EntityManager, lane: string): Promise<string | undefined> {
  const [row] = await em.execute<{ id: string }[]>(
    'select id from operation where lane = ? and finished_at is null order by id limit 1',
    [lane],
  );
  return row?.id;
}
