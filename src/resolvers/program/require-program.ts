import type { Program } from '../../entities/program.entity.js';
import { NotFoundError } from '../../errors.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { GraphContext } from '../context.js';

/**
 * The program of a key, for somebody who may do something with it.
 *
 * @throws NotFoundError when there is none, or the caller has no right in it at all
 * @throws ForbiddenError when they have one, but not this permission, or not the scope
 */
export async function requireProgram(
  { services, viewer }: GraphContext,
  programKey: string,
  permission: ProgramPermission,
): Promise<Program> {
  const program = await services.programs.findByKey(programKey);
  if (!program) throw new NotFoundError('There is no such program.');
  await services.programPermissions.require(viewer, program, permission);
  return program;
}
