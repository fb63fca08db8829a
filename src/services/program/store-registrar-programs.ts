import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { RegistrarProgram } from '../../datasources/registrar/programs.js';
import type { Curriculum, CurriculumRun } from '../../entities/program.entity.js';

/** A program as a Registrar describes it, with the runs of its active curriculum. */
export interface DescribedByRegistrar extends RegistrarProgram {
  runs: CurriculumRun[];
}

/** What a Registrar does not tell, the id, the organizations and the status, stays as it is known. */
const statement = (condition: string) => `
  update program set title = said.title, type_slug = said.type_slug, type_name = said.type_name, url = said.url,
    active_curriculum_uuid = null, synced_at = ?::timestamptz, updated_at = ?::timestamptz,
    details = jsonb_build_object('organizations', coalesce(program.details->'organizations', '[]')) || said.details
  from jsonb_to_recordset(?::jsonb) as said (key text, title text, type_slug text, type_name text, url text, details jsonb)
  where lower(program.key) = lower(said.key) and (program.synced_at is null or program.synced_at <= ?::timestamptz) ${condition}
  returning program.id`;

/**
 * Stores what a Registrar said of programs that have a row, by their keys. What it said later stays.
 *
 * @param at - when it was asked
 * @param options - `isTying`: also of programs that somebody has untied meanwhile
 * @returns ids of the programs
 */
export async function storeRegistrarDescriptions(
  em: EntityManager,
  programs: readonly DescribedByRegistrar[],
  at: Date,
  { isTying }: { isTying: boolean },
): Promise<string[]> {
  if (programs.length === 0) return [];
  const said = programs.map(({ key, title, typeName, url, runs }) => ({
    key,
    title,
    type_slug: slugOf(typeName),
    type_name: typeName,
    url,
    // It has one curriculum, which it does not name.
    details: {
      curricula: [{ uuid: null, name: null, isActive: true, runs, programs: [] } satisfies Curriculum],
      runs: [],
    },
  }));
  const stillTied = 'and (program.synced_at is not null or program.discovery_uuid is not null)';
  const rows = await em.execute<{ id: string }[]>(statement(isTying ? '' : stillTied), [
    at,
    at,
    JSON.stringify(said),
    at,
  ]);
  return rows.map(({ id }) => id);
}

/** The stable word of a type, made of its displayed name: the Registrar itself goes by that name. */
function slugOf(typeName: string | null): string | null {
  return typeName?.toLowerCase().replace(/[^a-z0-9]+/g, '-') ?? null;
}

/** Makes rows for programs of organizations that are known; those that there are already stay. */
export async function addRegistrarPrograms(
  em: EntityManager,
  programs: readonly { key: string; organizationKey: string }[],
): Promise<void> {
  const said = programs.map(({ key, organizationKey }) => ({ id: uuidv7(), key, organization: organizationKey }));
  await em.execute(
    `insert into program (id, created_at, updated_at, key, organization_id)
     select said.id, now(), now(), said.key, organization.id
     from jsonb_to_recordset(?::jsonb) as said (id uuid, key text, organization text)
       join organization on lower(organization.key) = lower(said.organization)
     on conflict do nothing`,
    [JSON.stringify(said)],
  );
}
