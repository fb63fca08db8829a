import type { EntityManager } from '@mikro-orm/postgresql';
import type { DiscoveryProgram } from '../../datasources/discovery/programs.wire.js';

const statement = `
  update program set title = said.title, type_slug = said.type_slug, type_name = said.type_name, status = said.status,
    url = said.url, active_curriculum_uuid = said.curriculum, details = said.details, synced_at = ?::timestamptz,
    updated_at = ?::timestamptz
  from jsonb_to_recordset(?::jsonb) as said (uuid uuid, title text, type_slug text, type_name text, status text, url text,
    curriculum uuid, details jsonb)
  where program.discovery_uuid = said.uuid and (program.synced_at is null or program.synced_at <= ?::timestamptz)`;

/**
 * Stores what Discovery said of programs that are tied to it. What it said later stays.
 *
 * @param at - when it was asked
 */
export async function storeDescriptions(
  em: EntityManager,
  programs: readonly DiscoveryProgram[],
  at: Date,
): Promise<void> {
  if (programs.length === 0) return;
  const said = programs.map((program) => ({
    uuid: program.uuid,
    title: program.title,
    type_slug: program.typeSlug,
    type_name: program.typeName,
    status: program.status,
    url: program.url,
    curriculum: program.activeCurriculumUuid,
    details: program.details,
  }));
  await em.execute(statement, [at, at, JSON.stringify(said), at]);
}
