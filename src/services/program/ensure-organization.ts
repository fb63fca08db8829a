import { type EntityManager, type MikroORM, raw, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { type Organization, OrganizationEntity } from '../../entities/organization.entity.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

/** An organization as somebody wants it. */
export interface OrganizationSpec {
  /** As Discovery and the LMS know it. */
  key: string;
  name: string;
  /** Stays as it is when left out. */
  discoveryUuid?: string | undefined;
}

export interface EnsuredOrganization {
  outcome: 'created' | 'updated' | 'unchanged';
  /** Names of the fields that were others before. */
  changed: string[];
}

const keyGrammar = /^[\w.-]{1,255}$/;
const uuidGrammar = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Makes an organization, or brings the one with this key, in whatever case, in line. Safe to repeat.
 *
 * @param options - `isDryRun`: only says what it would do
 * @throws {@link InvalidInputError} naming the field
 * @throws {@link ConflictError} when another organization has the id of Discovery
 */
export async function ensureOrganization(
  { orm, audit }: { orm: MikroORM; audit: Pick<AuditService, 'record'> },
  spec: OrganizationSpec,
  actor: Actor,
  { isDryRun = false }: { isDryRun?: boolean } = {},
): Promise<EnsuredOrganization> {
  requireGrammar(spec);
  try {
    return await orm.em.fork().transactional(async (tx) => {
      await lockUntilCommit(tx, `organization:${spec.key.toLowerCase()}`);
      const existing = await findByKey(tx, spec.key);
      const changed = existing ? differences(existing, spec) : [];
      const outcome = existing ? (changed.length > 0 ? 'updated' : 'unchanged') : 'created';
      if (isDryRun || outcome === 'unchanged') return { outcome, changed };
      const { key, name, discoveryUuid } = spec;
      if (existing) tx.assign(existing, { name, ...(discoveryUuid && { discoveryUuid }) });
      else tx.create(OrganizationEntity, { key, name, discoveryUuid: discoveryUuid ?? null });
      await tx.flush();
      const detail = { organization: existing?.key ?? key, ...(existing && { fields: changed }) };
      const action = existing ? 'organization.changed' : 'organization.created';
      await audit.record({ action, outcome: 'success', actor, subjectId: null, detail }, tx);
      return { outcome, changed };
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new ConflictError('Another organization has this id of Discovery already.', { cause: error });
  }
}

function findByKey(tx: EntityManager, key: string): Promise<Organization | null> {
  return tx.findOne(OrganizationEntity, { [raw('lower(key)')]: key.toLowerCase() });
}

function differences(before: Organization, { name, discoveryUuid }: OrganizationSpec): string[] {
  return [
    ...(before.name === name ? [] : ['name']),
    ...(discoveryUuid === undefined || before.discoveryUuid === discoveryUuid.toLowerCase() ? [] : ['discoveryUuid']),
  ];
}

function requireGrammar({ key, name, discoveryUuid }: OrganizationSpec): void {
  if (!keyGrammar.test(key))
    throw new InvalidInputError('The key of an organization has letters, digits, “-”, “_” and “.” only.', {
      field: ['key'],
    });
  if (name.trim() === '' || name.length > 255)
    throw new InvalidInputError('The name of an organization has 1 to 255 characters.', { field: ['name'] });
  if (discoveryUuid !== undefined && !uuidGrammar.test(discoveryUuid))
    throw new InvalidInputError('The id of an organization in Discovery is a UUID.', { field: ['discoveryUuid'] });
}
