import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { DiscoveryProgram } from '../../datasources/discovery/programs.wire.js';
import { storeDescriptions } from './store-descriptions.js';

/** A program that nobody has an organization for, and the key that it would get. */
export interface UndecidedProgram {
  /** Empty where the source of programs does not tell it. */
  uuid: string;
  key: string;
}

/** What became of programs of the catalogue. */
export interface StoredPrograms {
  created: string[];
  updated: number;
  /** Programs that several organizations author: which of them manages it, a person has to say. */
  undecided: UndecidedProgram[];
}

/** Longest key that is made from a title. */
const longestKey = 100;

const organizations = `
  insert into organization as present (id, created_at, updated_at, key, name, discovery_uuid)
  select said.id, now(), now(), said.key, said.name, said.uuid
  from jsonb_to_recordset(?::jsonb) as said (id uuid, key text, name text, uuid uuid)
  on conflict (lower(key)) do update set name = excluded.name, updated_at = now(),
    discovery_uuid = coalesce(present.discovery_uuid, excluded.discovery_uuid)
  where present.name <> excluded.name or present.discovery_uuid is null`;

const newProgram = `
  insert into program (id, created_at, updated_at, key, discovery_uuid, organization_id)
  select ?, now(), now(), ?, ?, organization.id from organization where lower(organization.key) = lower(?)
  on conflict do nothing returning id`;

/**
 * Takes programs of the catalogue over, in one transaction: new ones of one organization get a row, with a key made of the address
 * of their page; those that are known keep their key and their managing organization.
 *
 * @param at - when Discovery was asked
 */
export async function storeCatalogue(
  em: EntityManager,
  programs: readonly DiscoveryProgram[],
  at: Date,
): Promise<StoredPrograms> {
  return em.fork().transactional(async (tx) => {
    const known = await tx.execute<{ uuid: string }[]>(
      `select discovery_uuid as uuid from program
       where discovery_uuid in (select value::uuid from jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(programs.map(({ uuid }) => uuid))],
    );
    const isKnown = new Set(known.map(({ uuid }) => uuid));
    const created: string[] = [];
    const undecided: UndecidedProgram[] = [];
    for (const program of programs.filter(({ uuid }) => !isKnown.has(uuid))) {
      const [organization, ...others] = program.details.organizations;
      if (!organization || others.length > 0) {
        undecided.push({ uuid: program.uuid, key: keyOf(program) });
        continue;
      }
      await tx.execute(organizations, [JSON.stringify([{ ...organization, id: uuidv7() }])]);
      created.push(await addProgram(tx, program, organization.key));
    }
    await storeDescriptions(tx, programs, at);
    return { created, updated: isKnown.size, undecided };
  });
}

/** @returns the key that it got: the wished one, or one with the beginning of its id behind it when that is taken */
async function addProgram(tx: EntityManager, program: DiscoveryProgram, organization: string): Promise<string> {
  const wished = keyOf(program);
  for (const key of [wished, `${wished}-${program.uuid.slice(0, 8)}`, program.uuid]) {
    const rows = await tx.execute<{ id: string }[]>(newProgram, [uuidv7(), key, program.uuid, organization]);
    if (rows.length > 0) return key;
  }
  throw new Error(`the program ${program.uuid} cannot be stored`);
}

/** The last part of the address of its page, or its id. */
function keyOf({ marketingSlug, uuid }: DiscoveryProgram): string {
  const slug = (marketingSlug ?? '').split('/').findLast((part) => part !== '') ?? '';
  const key = slug
    .normalize('NFKD')
    .replace(/[^\w\s-]/g, '')
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '-')
    .slice(0, longestKey);
  return key || uuid;
}
