import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { EnrollmentLevel } from '../../datasources/program/judge-row.js';
import type { WriteRequest } from '../../services/program-write/program-write.service.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { toOperation, toOperationRow } from '../operation/operation.type.js';
import { withUserErrors } from '../user-error.type.js';
import {
  type EnrollmentWritePayload,
  enrollmentWritePayload,
  UploadCourseEnrollmentsInput,
  UploadProgramEnrollmentsInput,
  WriteCourseEnrollmentsInput,
  WriteProgramEnrollmentsInput,
} from './program-write.input.js';

const WriteProgramEnrollmentsPayload = enrollmentWritePayload('writeProgramEnrollments');
const WriteCourseEnrollmentsPayload = enrollmentWritePayload('writeCourseEnrollments');
const UploadProgramEnrollmentsPayload = operationPayload('uploadProgramEnrollments');
const UploadCourseEnrollmentsPayload = operationPayload('uploadCourseEnrollments');

/** Grants decide which programs; the service asks for them. */
const access = { scope: 'programs:write' } as const;

@Resolver()
export class ProgramWriteMutations {
  @Access(access)
  @Mutation(() => WriteProgramEnrollmentsPayload, {
    description:
      'Writes a few enrollments in a program to the LMS, and waits for it. Says of every row what became of it.',
  })
  writeProgramEnrollments(
    @Arg('input', () => WriteProgramEnrollmentsInput, { description: 'Who, and how.' })
    { programKey, mode, rows, idempotencyKey }: WriteProgramEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<EnrollmentWritePayload> {
    return write(context, programKey, 'program', {
      mode,
      rows: rows.map(({ externalKey, status }) => ({ externalKey, status: status.toLowerCase() })),
      idempotencyKey: idempotencyKey ?? undefined,
    });
  }

  @Access(access)
  @Mutation(() => WriteCourseEnrollmentsPayload, {
    description:
      'Writes a few enrollments in a course run of a program to the LMS, and waits for it. Says of every row what became of it.',
  })
  writeCourseEnrollments(
    @Arg('input', () => WriteCourseEnrollmentsInput, { description: 'Who, where, and how.' })
    { programKey, courseId, mode, rows, idempotencyKey }: WriteCourseEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<EnrollmentWritePayload> {
    return write(context, programKey, 'course', {
      mode,
      courseId,
      rows: rows.map(({ externalKey, status, courseStaff }) => ({
        externalKey,
        status: status.toLowerCase(),
        courseStaff: courseStaff ?? undefined,
      })),
      idempotencyKey: idempotencyKey ?? undefined,
    });
  }

  @Access(access)
  @Mutation(() => UploadProgramEnrollmentsPayload, {
    description:
      'Writes the enrollments in a program that a CSV file asks for, in the background, after the other uploads of the program. Its rows say what became of each.',
  })
  uploadProgramEnrollments(
    @Arg('input', () => UploadProgramEnrollmentsInput, { description: 'The program and the file.' })
    input: UploadProgramEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    return upload(context, 'program', input);
  }

  @Access(access)
  @Mutation(() => UploadCourseEnrollmentsPayload, {
    description:
      'Writes the enrollments in course runs of a program that a CSV file asks for, in the background, after the other uploads of the program.',
  })
  uploadCourseEnrollments(
    @Arg('input', () => UploadCourseEnrollmentsInput, { description: 'The program and the file.' })
    input: UploadCourseEnrollmentsInput,
    @Ctx() context: GraphContext,
  ): Promise<OperationPayload> {
    return upload(context, 'course', input);
  }
}

function write(
  { services: { programWrites }, viewer, actor }: GraphContext,
  programKey: string,
  level: EnrollmentLevel,
  request: WriteRequest,
): Promise<EnrollmentWritePayload> {
  const nothing: Omit<EnrollmentWritePayload, 'userErrors'> = { operation: null, rows: [] };
  return withUserErrors(nothing, async () => {
    const program = await programWrites.requireProgram(programKey, viewer);
    const { operation, rows } = await programWrites.write(program, level, request, actor);
    return { operation: toOperation(operation), rows: rows.map(toOperationRow) };
  });
}

function upload(
  { services: { programWrites }, viewer, actor }: GraphContext,
  level: EnrollmentLevel,
  { programKey, csv, uploadId, dryRun, idempotencyKey }: UploadProgramEnrollmentsInput | UploadCourseEnrollmentsInput,
): Promise<OperationPayload> {
  return answerOperation(async () => {
    const program = await programWrites.requireProgram(programKey, viewer);
    const request = {
      csv: csv ?? undefined,
      uploadId: uploadId ?? undefined,
      isDryRun: dryRun === true,
      idempotencyKey: idempotencyKey ?? undefined,
    };
    return programWrites.upload(program, level, request, actor);
  });
}
