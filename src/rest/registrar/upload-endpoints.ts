import { ConflictError, InvalidInputError } from '../../errors.js';
import { LaneBusyError } from '../../services/operation/begin.js';
import type { ProgramWriteService } from '../../services/program-write/program-write.service.js';
import { MissingColumnsError } from '../../services/program-write/read-header.js';
import { findIncompleteRow } from '../../services/program-write/read-rows.js';
import type { UploadService } from '../../services/upload/upload.service.js';
import { actorOf, jobAddress } from './enrollment-endpoints.js';
import { badRequest, Refusal } from './refusal.js';
import { type Endpoint, type ProgramCall, paths, type RegistrarAnswer, type Route } from './routes.js';

export interface UploadEndpointDeps {
  uploads: Pick<UploadService, 'receive' | 'text' | 'remove'>;
  programWrites: Pick<ProgramWriteService, 'upload' | 'isUploading'>;
}

/** Files of enrollments: taken as a whole or not at all, and written by a job, one at a time for each program. */
export function uploadRoutes(deps: UploadEndpointDeps): Route[] {
  const taking = (level: 'program' | 'course'): Endpoint => ({
    permission: 'WRITE_ENROLLMENTS',
    handle: (call) => takeFile(deps, call, level),
  });
  return [
    { versions: ['v1', 'v2'], pattern: paths.enrollmentsUpload, methods: { POST: taking('program') } },
    { versions: ['v1', 'v2'], pattern: paths.courseEnrollmentsUpload, methods: { POST: taking('course') } },
  ];
}

async function takeFile(
  { uploads, programWrites }: UploadEndpointDeps,
  call: ProgramCall,
  level: 'program' | 'course',
): Promise<RegistrarAnswer> {
  const actor = actorOf(call);
  const { id: uploadId } = await call.readFile((file, name) =>
    uploads.receive(file, { name: name.slice(0, 255), actor }),
  );
  try {
    if (await programWrites.isUploading(call.program)) throw busy();
    await refuseIncomplete(uploads.text(uploadId), level);
    const request = { uploadId, isDryRun: false, hasResultFile: true, isAlone: true } as const;
    const { id } = await programWrites.upload(call.program, level, request, actor);
    return { status: 202, body: { job_id: id, job_url: jobAddress(call.address, id) } };
  } catch (error) {
    await uploads.remove(uploadId);
    if (error instanceof LaneBusyError) throw busy();
    // No active curriculum: to wait for it is no use, which 409 would say.
    if (error instanceof ConflictError) throw new Refusal(422, { detail: error.message });
    throw error;
  }
}

const busy = () => new Refusal(409, 'Job already in progress for program');

const listOf = (names: readonly string[]) => names.toSorted().join(', ');

/** Here a file with a row that lacks something is refused as a whole, before anything of it is written. */
async function refuseIncomplete(text: AsyncIterable<string>, level: 'program' | 'course'): Promise<void> {
  try {
    const incomplete = await findIncompleteRow(text, level);
    if (incomplete)
      throw badRequest(
        `CSV is missing data at row #${incomplete.number}. Required fields are [${listOf(incomplete.required)}].`,
      );
  } catch (error) {
    if (error instanceof MissingColumnsError) throw badRequest(`CSV is missing headers [${listOf(error.missing)}]`);
    if (error instanceof InvalidInputError) throw badRequest(error.message);
    throw error;
  }
}
