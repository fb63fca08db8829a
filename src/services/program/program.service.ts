import { type EntityManager, type MikroORM, raw } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Organization, OrganizationEntity } from '../../entities/organization.entity.js';
import { type Program, ProgramEntity } from '../../entities/program.entity.js';
import type { Logger } from '../../logger.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { createDescribe, type Describe } from './describe.js';
import { forgetPrograms } from './forget.js';
import { linkProgram, type ProgramLink, unlinkProgram } from './link.js';
import type { ProgramSource, ProgramSyncReport } from './source.js';

export type { Program };

/** Programs of the organizations that Portico serves, tied to those of Discovery. */
export interface ProgramService {
  findByIds(ids: readonly string[]): Promise<Program[]>;
  /** By the key that partners use, in any letter case. */
  findByKey(key: string): Promise<Program | null>;
  /** By the id in Discovery and the LMS. */
  findByUuid(uuid: string): Promise<Program | null>;
  /** All, or those that one organization manages, in the order in which they came. */
  list(filter?: { organizationId?: string | undefined }): Promise<Program[]>;
  /** By key, in any letter case. */
  findOrganization(key: string): Promise<Organization | null>;
  findOrganizations(ids: readonly string[]): Promise<Organization[]>;
  describe: Describe;
  /**
   * Has one program, or all, asked for anew by whoever wants them next, in whichever process.
   *
   * @throws NotFoundError
   */
  forget(key?: string): Promise<void>;
  /**
   * Makes a program known by a key, or changes what it is tied to.
   *
   * @throws InvalidInputError for a key or id that is none; ConflictError when another program has the id
   */
  link(link: ProgramLink, actor: Actor): Promise<Program>;
  /**
   * Unties a program from Discovery and the LMS; its learners and history stay.
   *
   * @throws NotFoundError
   */
  unlink(key: string, actor: Actor): Promise<Program>;
  /**
   * Takes programs over from where they are known.
   *
   * @throws ConflictError when there is nobody to ask
   * @throws UpstreamUnavailableError when the source cannot be asked; what was taken over before stays
   */
  sync(options: CallOptions): Promise<ProgramSyncReport>;
  /** Where programs come from. */
  readonly source: ProgramSource;
}

export interface ProgramServiceDeps {
  orm: MikroORM;
  source: ProgramSource;
  maxAgeMs: number;
  audit: Pick<AuditService, 'record'>;
  clock: Clock;
  logger: Logger;
}

export function createProgramService(deps: ProgramServiceDeps): ProgramService {
  const { orm, source } = deps;
  const em = (): EntityManager => orm.em.fork();
  return {
    findByIds: (ids) => em().find(ProgramEntity, { id: { $in: [...ids] } }),
    findByKey: (key) => em().findOne(ProgramEntity, { [raw('lower(key)')]: key.toLowerCase() }),
    findByUuid: (uuid) => em().findOne(ProgramEntity, { discoveryUuid: uuid }),
    list: ({ organizationId } = {}) =>
      em().find(ProgramEntity, organizationId === undefined ? {} : { organizationId }, { orderBy: { id: 'asc' } }),
    findOrganization: (key) => em().findOne(OrganizationEntity, { [raw('lower(key)')]: key.toLowerCase() }),
    findOrganizations: (ids) => em().find(OrganizationEntity, { id: { $in: [...ids] } }),
    describe: createDescribe({ ...deps, em: orm.em }),
    forget: (key) => forgetPrograms({ em: orm.em, clock: deps.clock }, key),
    link: (link, actor) => linkProgram(deps, link, actor),
    unlink: (key, actor) => unlinkProgram(deps, key, actor),
    sync: (options) => source.sync(options),
    source,
  };
}
