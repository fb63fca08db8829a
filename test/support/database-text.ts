import type { MikroORM } from '@mikro-orm/postgresql';

/** Every row of every table as text, the queue's included, so that a test can look for what must not be anywhere. */
export async function readDatabaseAsText(orm: MikroORM): Promise<Map<string, string>> {
  const em = orm.em.fork();
  const tables = await em.execute<{ name: string }[]>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE' order by 1`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const rows = await em.execute<{ row: string }[]>(`select t::text as row from ${name} t`);
    texts.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return texts;
}
