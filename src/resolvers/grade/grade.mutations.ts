import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readCourseKeys } from '../course-run/course-run.mutations.js';
import { readGlobalId } from '../global-id.js';
import { answerOperation, type OperationPayload, operationPayload } from '../operation/operation.input.js';
import { ExportGradesInput, type GradeFormatName, SyncGradesInput } from './grade.input.js';

const SyncGradesPayload = operationPayload('syncGrades');
const ExportGradesPayload = operationPayload('exportGrades');

const formats = { CSV: 'csv', JSON_LINES: 'jsonl' } as const satisfies Record<GradeFormatName, string>;

@Resolver()
export class GradeMutations {
  @Access({ scope: 'learning:write', role: 'STAFF' })
  @Mutation(() => SyncGradesPayload, {
    description:
      'Pulls grades and certificates of the LMS, in the background. A row is a course run; LMS users whom no account is linked to are named there.',
  })
  syncGrades(
    @Arg('input', () => SyncGradesInput, { description: 'Which.' }) input: SyncGradesInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const { accountId, withCertificates, idempotencyKey } = input;
      const courseKeys = readCourseKeys(input.courseKeys);
      return services.operations.begin(
        'SYNC_GRADES',
        {
          ...(courseKeys && { courseKeys }),
          ...(accountId != null && { accountId: readGlobalId('Account', accountId, 'accountId') }),
          ...(withCertificates != null && { withCertificates }),
        },
        actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
    });
  }

  @Access({ scope: 'learning:write', role: 'STAFF' })
  @Mutation(() => ExportGradesPayload, {
    description:
      'Pulls grades and writes them to a file with the names that partners know learners by, in the background; see `download` of the operation.',
  })
  exportGrades(
    @Arg('input', () => ExportGradesInput, { description: 'Which, and how.' }) input: ExportGradesInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<OperationPayload> {
    return answerOperation(async () => {
      const { format, stored, idempotencyKey } = input;
      const courseKeys = readCourseKeys(input.courseKeys);
      return services.operations.begin(
        'EXPORT_GRADES',
        {
          format: formats[format ?? 'CSV'],
          ...(courseKeys && { courseKeys }),
          ...(stored != null && { isStored: stored }),
        },
        actor,
        { idempotencyKey: idempotencyKey ?? undefined },
      );
    });
  }
}
