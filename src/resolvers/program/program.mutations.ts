import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { InvalidInputError, NotFoundError } from '../../errors.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { withUserErrors } from '../user-error.type.js';
import {
  LinkProgramInput,
  LinkProgramPayload,
  RefreshProgramCacheInput,
  RefreshProgramCachePayload,
  SyncProgramsInput,
  UnlinkProgramInput,
  UnlinkProgramPayload,
} from './program.input.js';
import { toProgram } from './program.type.js';

/** Which programs there are is the administrators' affair. */
const administration: FieldAccess = { scope: 'programs:write', role: 'ADMIN' };

const SyncProgramsPayload = operationPayload('syncPrograms');
const mostPrograms = 1_000;

@Resolver()
export class ProgramMutations {
  @Access(administration)
  @Mutation(() => LinkProgramPayload, {
    description: 'Ties a key to a program of Discovery and to the organization that manages it. Safe to repeat.',
  })
  linkProgram(
    @Arg('input', () => LinkProgramInput, { description: 'Which key, which program, which organization.' })
    { organizationName, ...link }: LinkProgramInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<LinkProgramPayload> {
    return withUserErrors<Omit<LinkProgramPayload, 'userErrors'>>({ program: null }, async () => ({
      program: toProgram(
        await services.programs.link({ ...link, organizationName: organizationName ?? undefined }, actor),
      ),
    }));
  }

  @Access(administration)
  @Mutation(() => UnlinkProgramPayload, {
    description:
      'Unties a program from Discovery and the LMS: nothing is read or written for it until it is tied again. Its learners and their history stay.',
  })
  unlinkProgram(
    @Arg('input', () => UnlinkProgramInput, { description: 'Which program.' }) { key }: UnlinkProgramInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<UnlinkProgramPayload> {
    return withUserErrors<Omit<UnlinkProgramPayload, 'userErrors'>>({ program: null }, async () => ({
      program: toProgram(await services.programs.unlink(key, actor)),
    }));
  }

  @Access(administration)
  @Mutation(() => SyncProgramsPayload, {
    description:
      'Takes the active programs of Discovery over, and the learners of all programs from the LMS, in the background; both from the Registrar, where one is configured. Each program is a row; those of which it is not known which organization manages them are in CONFLICT until `linkProgram` says it.',
  })
  syncPrograms(
    @Arg('input', () => SyncProgramsInput, { description: 'Which programs.' })
    { programKeys, idempotencyKey }: SyncProgramsInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      if (programKeys != null && (programKeys.length === 0 || programKeys.length > mostPrograms))
        throw new InvalidInputError(`Name 1 to ${mostPrograms} programs.`, { field: ['programKeys'] });
      const input = programKeys == null ? {} : { programKeys: [...new Set(programKeys)] };
      return services.operations.begin('SYNC_PROGRAMS', input, actor, { idempotencyKey: idempotencyKey ?? undefined });
    });
  }

  @Access(administration)
  @Mutation(() => RefreshProgramCachePayload, {
    description: 'Has Discovery describe programs anew, a hundred in a call. What it cannot say stays as it was.',
  })
  refreshProgramCache(
    @Arg('input', () => RefreshProgramCacheInput, { description: 'Which programs.' })
    { programKey }: RefreshProgramCacheInput,
    @Ctx() { services }: GraphContext,
  ): Promise<RefreshProgramCachePayload> {
    return withUserErrors<Omit<RefreshProgramCachePayload, 'userErrors'>>({ programs: [] }, async () => {
      const one = programKey == null ? undefined : await services.programs.findByKey(programKey);
      if (one === null) throw new NotFoundError(`There is no program ${programKey}.`);
      const rows = one ? [one] : await services.programs.list();
      const described = await services.programs.describe(rows, { purpose: 'refresh', isForced: true });
      return { programs: described.map(({ program }) => toProgram(program)) };
    });
  }
}
