import { type EntityManager, type MikroORM, raw, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { type Organization, OrganizationEntity } from '../../entities/organization.entity.js';
import { type Program, ProgramEntity } from '../../entities/program.entity.js';
import { ConflictError, InvalidInputError, NotFoundError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

/** Which program a key stands for, and who manages it. */
export interface ProgramLink {
  /** Letters, digits, `-` and `_`. */
  key: string;
  /** Id in Discovery and the LMS. */
  uuid: string;
  /** Key of the managing organization; it is made when it is not known. */
  organizationKey: string;
  /** Of an organization that is new. Default: its key. */
  organizationName?: string | undefined;
}

interface Deps {
  orm: MikroORM;
  audit: Pick<AuditService, 'record'>;
}

const keyGrammar = /^[\w-]{1,255}$/;
const organizationGrammar = /^[\w.-]{1,255}$/;
const uuidGrammar = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Ties a key to a program of Discovery, and to the organization that manages it. What is described of it is forgotten when it is
 * another program now.
 *
 * @throws InvalidInputError, {@link ConflictError}
 */
export async function linkProgram({ orm, audit }: Deps, link: ProgramLink, actor: Actor): Promise<Program> {
  requireGrammar(link);
  try {
    return await orm.em.fork().transactional(async (tx) => {
      const organization = await ensureOrganization(tx, link);
      const program = await findProgram(tx, link.key);
      const before = program && { uuid: program.discoveryUuid, organizationId: program.organizationId };
      const linked =
        program ?? tx.create(ProgramEntity, { key: link.key, organizationId: organization.id }, { persist: true });
      if (linked.discoveryUuid !== link.uuid.toLowerCase())
        Object.assign(linked, { ...undescribed, discoveryUuid: link.uuid.toLowerCase() });
      linked.organizationId = organization.id;
      await tx.flush();
      const detail = { program: linked.key, uuid: linked.discoveryUuid, organization: organization.key, before };
      await audit.record({ action: 'program.linked', outcome: 'success', actor, subjectId: null, detail }, tx);
      return linked;
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new ConflictError('Another program is tied to this id already.', { cause: error });
  }
}

/**
 * Unties a program. Nothing is read or written in its name until it is tied again.
 *
 * @throws {@link NotFoundError}
 */
export function unlinkProgram({ orm, audit }: Deps, key: string, actor: Actor): Promise<Program> {
  return orm.em.fork().transactional(async (tx) => {
    const program = await findProgram(tx, key);
    if (!program) throw new NotFoundError(`There is no program ${key}.`);
    const detail = { program: program.key, uuid: program.discoveryUuid };
    Object.assign(program, { ...undescribed, discoveryUuid: null });
    await tx.flush();
    await audit.record({ action: 'program.unlinked', outcome: 'success', actor, subjectId: null, detail }, tx);
    return program;
  });
}

const undescribed = {
  title: null,
  typeSlug: null,
  typeName: null,
  status: null,
  url: null,
  activeCurriculumUuid: null,
  details: null,
  syncedAt: null,
  learnersReadAt: null,
} satisfies Partial<Program>;

function requireGrammar({ key, uuid, organizationKey }: ProgramLink): void {
  if (!keyGrammar.test(key))
    throw new InvalidInputError('The key of a program has letters, digits, “-” and “_” only.', { field: ['key'] });
  if (!uuidGrammar.test(uuid)) throw new InvalidInputError('The id of a program is a UUID.', { field: ['uuid'] });
  if (!organizationGrammar.test(organizationKey))
    throw new InvalidInputError('The key of an organization has letters, digits, “-”, “_” and “.” only.', {
      field: ['organizationKey'],
    });
}

function findProgram(tx: EntityManager, key: string): Promise<Program | null> {
  return tx.findOne(ProgramEntity, { [raw('lower(key)')]: key.toLowerCase() });
}

async function ensureOrganization(
  tx: EntityManager,
  { organizationKey: key, organizationName }: ProgramLink,
): Promise<Organization> {
  const find = () => tx.findOne(OrganizationEntity, { [raw('lower(key)')]: key.toLowerCase() });
  const found = await find();
  if (found) return found;
  await tx.execute(
    `insert into organization (id, created_at, updated_at, key, name) values (?, now(), now(), ?, ?) on conflict do nothing`,
    [uuidv7(), key, organizationName ?? key],
  );
  return (await find()) ?? Promise.reject(new Error(`the organization ${key} is gone`));
}
