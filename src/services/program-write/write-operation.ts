import type { EntityManager } from '@mikro-orm/postgresql';
import type { WriteMethod } from '../../datasources/program/write-answer.js';
import type { UpstreamUnavailableError } from '../../errors.js';
import type { EnrollmentWriteMode } from '../operation/inputs.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { RowResult } from '../operation/rows.js';
import { type SendDeps, sendRows } from './send-rows.js';
import { settleRefused } from './settle-refused.js';
import { requireProgram, toWritable, type WritableSource } from './writable-program.js';

const methods: Readonly<Record<EnrollmentWriteMode, WriteMethod>> = { CREATE: 'POST', UPDATE: 'PATCH', UPSERT: 'PUT' };

/** Writes a few enrollments for somebody who waits: what the LMS cannot be asked for is told, not waited for. */
export function createWriteOperation(
  deps: SendDeps & { em: EntityManager; source: WritableSource },
): OperationDefinition<'WRITE_PROGRAM_ENROLLMENTS' | 'WRITE_COURSE_ENROLLMENTS'> {
  return {
    isJoined: false,
    // Beside an upload of the same program: whoever waits cannot wait for that.
    lane: () => null,
    async run(run) {
      const { programId, mode } = run.input;
      const program = toWritable(await requireProgram(deps.em, programId), deps.source, {
        isAdding: mode !== 'UPDATE',
      });
      await run.change((tx) => settleRefused(tx, run.id));
      await sendRows(deps, run, program, { method: methods[mode], onTrouble: describeTrouble });
      return undefined;
    },
  };
}

function describeTrouble({ why, message }: UpstreamUnavailableError): Omit<RowResult, 'number' | 'key'> {
  if (why === 'credentials') return { outcome: 'UPSTREAM_FORBIDDEN', reason: message };
  if (why === 'bad-answer') return { outcome: 'UPSTREAM_REJECTED', reason: message };
  return { outcome: 'UPSTREAM_TIMEOUT', reason: message };
}
