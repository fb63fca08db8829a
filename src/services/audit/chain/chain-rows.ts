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

/** The oldest acts that are not in the chain yet. */
export function readUnchained(tx: EntityManager, limit: number): Promise<Omit<ChainedAct, 'addressHash'>[]> {
  return tx.execute<Omit<ChainedAct, 'addressHash'>[]>(
    `select ${actColumns} from audit_event where position is null order by id limit ${limit}`,
  );
}

/** The acts of the chain behind a position, in its order. */
export function readChained(em: EntityManager, behind: number, limit: number): Promise<LinkedAct[]> {
  return em.execute<LinkedAct[]>(
    `select ${actColumns}, position::float8 as position, hash, mac, key_id as "keyId",
       address_salt as "addressSalt", address_hash as "addressHash",
       exists (select 1 from account where account.status = 'RETIRED'
         and account.id = coalesce(audit_event.actor_id, audit_event.subject_id)) as "mayBeErased"
     from audit_event where position > ? order by position limit ${limit}`,
    [behind],
  );
}

/**
 * Puts acts into the chain.
 *
 * @throws Error when one of them is gone, or was chained meanwhile
 */
export async function storeLinks(
  tx: EntityManager,
  links: readonly ({ id: string; addressSalt: string | null; addressHash: string | null } & Link)[],
): Promise<void> {
  const stored = await tx.execute<unknown[]>(
    `update audit_event e set position = l.position, hash = l.hash, mac = l.mac, key_id = l."keyId",
       address_salt = l."addressSalt", address_hash = l."addressHash"
     from jsonb_to_recordset(?::jsonb)
       as l (id uuid, position bigint, hash text, mac text, "keyId" text, "addressSalt" text, "addressHash" text)
     where e.id = l.id and e.position is null returning 1`,
    [JSON.stringify(links)],
  );
  if (stored.length !== links.length) throw new Error('an act left the audit while it was being chained');
}

/** How the chain looks as a whole, at one moment. */
export interface ChainSummary {
  /** Events that have a place in the chain. */
  chained: number;
  unchained: number;
  /** Time of the oldest of these, RFC 3339. */
  unchainedSince: string | null;
}

export async function summarizeChain(em: EntityManager): Promise<ChainSummary> {
  const [row] = await em.execute<ChainSummary[]>(
    `select count(position)::float8 as chained, count(*) filter (where position is null)::float8 as unchained,
       ${inUtc('min(at) filter (where position is null)')} as "unchainedSince" from audit_event`,
  );
  if (!row) throw new Error('an aggregate answers one row');
  return row;
}
