import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChainedAct, Link } from './link.js';

/** A time in RFC 3339, to the microsecond. */
const inUtc = (time: string) => `to_char(${time} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const actColumns = `id, ${inUtc('at')} as at, action, outcome,
  actor_id as "actorId", client_id as "clientId", subject_id as "subjectId", address, detail`;

export interface LinkedAct extends ChainedAct, Link {
  addressSalt: string | null;
  /** Whose address it is has left for good, so that it may be missing. */
  mayBeErased: boolean;
}

/** A link whose act is gone. */
export interface LinkAlone {
  position: number;
  /** Of the act that is gone. */
  eventId: string;
  id: null;
}

/**
 * Takes acts from the list of those that are not in the chain yet. They come back to it when the transaction fails; acts of
 * transactions that are still under way come to it when those end.
 *
 * @returns the acts in the order of their ids, and how many were on the list: an act may have been deleted meanwhile
 */
export async function takePending(
  tx: EntityManager,
  limit: number,
): Promise<{ acts: Omit<ChainedAct, 'addressHash'>[]; taken: number }> {
  const rows = await tx.execute<(Omit<ChainedAct, 'addressHash' | 'id'> & { id: string | null })[]>(
    `with taken as (delete from audit_pending where ctid = any(array(select ctid from audit_pending limit ${limit}))
       returning event_id)
     select ${actColumns} from taken left join audit_event on id = event_id order by id`,
  );
  return { acts: rows.flatMap(({ id, ...act }) => (id === null ? [] : [{ id, ...act }])), taken: rows.length };
}

/** The links of the chain behind a position, in its order, with their acts. */
export function readChained(em: EntityManager, behind: number, limit: number): Promise<(LinkedAct | LinkAlone)[]> {
  return em.execute<(LinkedAct | LinkAlone)[]>(
    `select ${actColumns}, position::float8 as position, event_id as "eventId", hash, mac, key_id as "keyId",
       address_salt as "addressSalt", address_hash as "addressHash",
       exists (select 1 from account where account.status = 'RETIRED'
         and account.id = coalesce(audit_event.actor_id, audit_event.subject_id)) as "mayBeErased"
     from audit_link left join audit_event on id = event_id where position > ? order by position limit ${limit}`,
    [behind],
  );
}

/**
 * Puts acts into the chain.
 *
 * @throws Error of the database when one of them has a link already
 */
export async function storeLinks(
  tx: EntityManager,
  links: readonly ({ eventId: string; addressSalt: string | null; addressHash: string | null } & Link)[],
): Promise<void> {
  await tx.execute(
    `insert into audit_link (position, event_id, hash, mac, key_id, address_salt, address_hash)
     select position, "eventId", hash, mac, "keyId", "addressSalt", "addressHash" from jsonb_to_recordset(?::jsonb)
       as link (position bigint, "eventId" uuid, hash text, mac text, "keyId" text, "addressSalt" text, "addressHash" text)`,
    [JSON.stringify(links)],
  );
}

export async function hasLinks(em: EntityManager): Promise<boolean> {
  return (await em.execute<unknown[]>('select 1 from audit_link limit 1')).length > 0;
}

/** How many links there are. */
export async function countLinks(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>('select count(*)::float8 as count from audit_link');
  return row?.count ?? 0;
}

/** The events that have no place in the chain. */
export interface Unchained {
  unchained: number;
  /** Time of the oldest of these, RFC 3339. */
  unchainedSince: string | null;
}

/** Looks through all events: one that nobody remembers to chain must not be overlooked. */
export async function findUnchained(em: EntityManager): Promise<Unchained> {
  const [row] = await em.execute<Unchained[]>(
    `select count(*)::float8 as unchained, ${inUtc('min(at)')} as "unchainedSince" from audit_event
     where not exists (select 1 from audit_link where event_id = id)`,
  );
  if (!row) throw new Error('an aggregate answers one row');
  return row;
}
