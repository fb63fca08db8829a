import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Program } from '../../entities/program.entity.js';
import { InvalidInputError } from '../../errors.js';
import { findActiveRun } from '../../services/program/active-runs.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { programAccess } from '../organization/organization.type.js';
import { requireProgram } from '../program/require-program.js';
import {
  type EnrollmentFormatName,
  ExportCourseEnrollmentsInput,
  ExportProgramEnrollmentsInput,
} from './program-export.input.js';

const ExportProgramEnrollmentsPayload = operationPayload('exportProgramEnrollments');
const ExportCourseEnrollmentsPayload = operationPayload('exportCourseEnrollments');

const formats = { CSV: 'csv', JSON: 'json' } as const satisfies Record<EnrollmentFormatName, string>;

@Resolver()
export class ProgramExportMutations {
  @Access(programAccess)
  @Mutation(() => ExportProgramEnrollmentsPayload, {
    description:
      'Writes the learners of a program to a file, in the background; see `download` of the operation. For who has READ_ENROLLMENTS there.',
  })
  exportProgramEnrollments(
    @Arg('input', () => ExportProgramEnrollmentsInput, { description: 'Of which program, and how.' })
    { programKey, format, idempotencyKey }: ExportProgramEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const { id: programId } = await requireProgram(context, programKey, 'READ_ENROLLMENTS');
      return context.services.operations.begin(
        'EXPORT_PROGRAM_ENROLLMENTS',
        { programId, format: formats[format ?? 'CSV'] },
        context.actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
    });
  }

  @Access(programAccess)
  @Mutation(() => ExportCourseEnrollmentsPayload, {
    description:
      'Writes the learners of a program’s course runs to a file, in the background; see `download` of the operation. For who has READ_ENROLLMENTS there.',
  })
  exportCourseEnrollments(
    @Arg('input', () => ExportCourseEnrollmentsInput, { description: 'Of which program and course runs, and how.' })
    { programKey, courseId, format, idempotencyKey }: ExportCourseEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const program = await requireProgram(context, programKey, 'READ_ENROLLMENTS');
      const courseKey = courseId == null ? undefined : await requireRun(program, courseId, context);
      return context.services.operations.begin(
        'EXPORT_COURSE_ENROLLMENTS',
        { programId: program.id, format: formats[format ?? 'CSV'], ...(courseKey !== undefined && { courseKey }) },
        context.actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
    });
  }
}

/** @returns its course key */
async function requireRun(program: Program, courseId: string, { programs }: GraphContext): Promise<string> {
  const described = await programs.described.load(program);
  const run = findActiveRun(described.program, courseId);
  if (!run)
    throw new InvalidInputError('The program has no such course run, neither by its key nor by your own.', {
      field: ['courseId'],
    });
  return run.courseKey;
}
