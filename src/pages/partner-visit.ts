import type { FastifyReply, FastifyRequest } from 'fastify';
import { expandRoles, type Viewer } from '../access/viewer.js';
import { NotFoundError } from '../errors.js';
import type { Actor } from '../services/actor.js';
import type { Operation } from '../services/operation/operation.service.js';
import type { ProgramPermission } from '../services/partner-grant/partner-roles.js';
import type { Program } from '../services/program/program.service.js';
import type { PageDeps, PartnerPageServices } from './page-deps.js';
import { createVisits, type SignedIn } from './visit.js';

export interface ProgramRoute {
  Params: { programKey: string };
}

export interface WorkRoute {
  Params: { programKey: string; id: string };
}

/** Somebody who looks at the pages for partners: who asks, and who acts. */
export interface Partner extends SignedIn {
  viewer: Viewer;
  actor: Actor;
}

/** What the pages for partners ask about a request. */
export interface PartnerVisits {
  /** @throws UnauthenticatedError, which leads to the sign-in page and back */
  requirePartner(request: FastifyRequest, reply: FastifyReply): Promise<Partner>;
  /**
   * A program in which somebody has a right.
   *
   * @throws NotFoundError when there is none, or none that they may know of; ForbiddenError when they have another right there
   */
  requireProgram(partner: Partner, key: string, permission: ProgramPermission): Promise<Program>;
  /**
   * An upload or a download that they began, while they still have the right that it needs.
   *
   * @throws NotFoundError, also when it is somebody else's or of another program; ForbiddenError
   */
  requireWork(partner: Partner, params: WorkRoute['Params']): Promise<{ program: Program; work: Operation }>;
}

/** What these pages are about, and the right that each needs. */
const rights: ReadonlyMap<string, ProgramPermission> = new Map([
  ['UPLOAD_PROGRAM_ENROLLMENTS', 'WRITE_ENROLLMENTS'],
  ['UPLOAD_COURSE_ENROLLMENTS', 'WRITE_ENROLLMENTS'],
  ['EXPORT_PROGRAM_ENROLLMENTS', 'READ_ENROLLMENTS'],
  ['EXPORT_COURSE_ENROLLMENTS', 'READ_ENROLLMENTS'],
  ['EXPORT_PROGRAM_GRADES', 'READ_ENROLLMENTS'],
]);
export const workKinds: readonly string[] = [...rights.keys()];

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether a text is the id of a row. */
export function isRowId(text: unknown): text is string {
  return typeof text === 'string' && uuid.test(text);
}

export function programHref({ key }: Pick<Program, 'key'>): string {
  return `/partner/programs/${encodeURIComponent(key)}`;
}

export function workHref(program: Pick<Program, 'key'>, id: string): string {
  return `${programHref(program)}/operations/${id}`;
}

export function createPartnerVisits(
  deps: PageDeps,
  { programs, permissions, operations }: PartnerPageServices,
): PartnerVisits {
  const { requirePerson } = createVisits(deps);
  const requireProgram: PartnerVisits['requireProgram'] = async ({ viewer }, key, permission) => {
    const program = await programs.findByKey(key);
    if (!program) throw new NotFoundError('There is no such program.');
    await permissions.require(viewer, program, permission);
    return program;
  };
  return {
    requireProgram,
    async requirePartner(request, reply) {
      const person = await requirePerson(request, reply);
      const { account, sessionUid } = person;
      const roles = expandRoles(account.roles);
      return {
        ...person,
        viewer: {
          via: 'session',
          account,
          clientId: undefined,
          scopes: undefined,
          roles,
          expiresAt: undefined,
          sessionUid,
        },
        actor: { accountId: account.id, clientId: null, address: request.ip, roles },
      };
    },
    async requireWork(partner, { programKey, id }) {
      const program = await requireProgram(partner, programKey, 'READ_METADATA');
      const [work] = isRowId(id) ? await operations.findByIds([id]) : [];
      const right = rights.get(work?.kind ?? '');
      if (!work || !right || work.startedBy !== partner.account.id || work.input.programId !== program.id)
        throw new NotFoundError('There is no such upload or download of yours.');
      await permissions.require(partner.viewer, program, right);
      return { program, work };
    },
  };
}
