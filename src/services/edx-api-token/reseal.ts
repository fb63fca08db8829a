import type { EntityManager } from '@mikro-orm/postgresql';
import type { Sealer } from '../../crypto/sealer.js';

const batchSize = 200;

/** What a run of {@link resealTokens} found. */
export interface ResealCounts {
  resealed: number;
  /** Sealed with a key that is no longer configured: a new pair is obtained when one is needed. */
  unreadable: number;
}

interface SealedRow {
  id: string;
  access: string | null;
  refresh: string | null;
}

/**
 * Seals learners' API tokens anew that an older key of `PORTICO_SECRET_KEYS` sealed, so that the old key can be taken away. In
 * batches; a pair that is renewed meanwhile is left as it is.
 */
export async function resealTokens({ em, sealer }: { em: EntityManager; sealer: Sealer }): Promise<ResealCounts> {
  const counts = { resealed: 0, unreadable: 0 };
  // All that one key seals begins alike: with the header that names it.
  const [header = ''] = (await sealer.seal('')).split('.');
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await em.fork().execute<SealedRow[]>(
      `select id, api_access_token as access, api_refresh_token as refresh from edx_link
       where id > ?::uuid and (split_part(api_access_token, '.', 1) <> ? or split_part(api_refresh_token, '.', 1) <> ?)
       order by id limit ${batchSize}`,
      [after, header, header],
    );
    for (const row of rows) counts[await reseal({ em, sealer }, row)] += 1;
    const last = rows.at(-1);
    if (!last || rows.length < batchSize) return counts;
    after = last.id;
  }
}

async function reseal(
  { em, sealer }: { em: EntityManager; sealer: Sealer },
  { id, access, refresh }: SealedRow,
): Promise<keyof ResealCounts> {
  const anew = async (sealed: string | null) => (sealed === null ? null : sealer.seal(await sealer.open(sealed)));
  const pair = await Promise.all([anew(access), anew(refresh)]).catch(() => undefined);
  if (!pair) return 'unreadable';
  await em.fork().execute(
    `update edx_link set api_access_token = ?, api_refresh_token = ?
     where id = ? and api_access_token is not distinct from ? and api_refresh_token is not distinct from ?`,
    [...pair, id, access, refresh],
  );
  return 'resealed';
}
