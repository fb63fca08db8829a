import type { EntityManager } from '@mikro-orm/postgresql';
import type { Authenticator } from '../../../crypto/authenticator.js';
import { type ChainPlace, type Link, signedText } from './link.js';

/**
 * A signed end of the chain. `head` is the newest link; `start`, where there is one, the last link whose act was deleted by
 * retention: the chain is verified from there.
 */
export type AnchorName = 'start' | 'head';

export async function readAnchor(em: EntityManager, name: AnchorName): Promise<Link | undefined> {
  const [row] = await em.execute<Link[]>(
    'select position::float8 as position, hash, mac, key_id as "keyId" from audit_anchor where name = ?',
    [name],
  );
  return row;
}

/** Moves an end of the chain, signed with the newest key. */
export async function writeAnchor(
  em: EntityManager,
  name: AnchorName,
  place: ChainPlace,
  authenticator: Authenticator,
  now: Date,
): Promise<void> {
  const { mac, keyId } = authenticator.sign(signedText(name, place));
  await em.execute(
    `insert into audit_anchor (name, position, hash, mac, key_id, at) values (?, ?, ?, ?, ?, ?)
     on conflict (name) do update set position = excluded.position, hash = excluded.hash, mac = excluded.mac,
       key_id = excluded.key_id, at = excluded.at`,
    [name, place.position, place.hash, mac, keyId, now],
  );
}
