import type { FastifyInstance } from 'fastify';
import { ConflictError, InvalidInputError } from '../errors.js';
import { receiveFile, TooLargeError } from '../rest/multipart-file.js';
import { besideTheFileBytes, mostUploadBytes, refuseTooLarge } from '../rest/uploads.js';
import { requireOwnForm } from './form-guard.js';
import type { PageDeps, PartnerPageServices } from './page-deps.js';
import type { ShowProgram } from './partner-program.js';
import { type PartnerVisits, type ProgramRoute, workHref } from './partner-visit.js';
import { refusedForm } from './visit.js';

/**
 * `POST /partner/programs/{key}/uploads`: takes a file from the form, as `POST /api/uploads` does, and begins with it. The file is stored
 * while it comes, once it is clear that the form is ours.
 */
export async function registerPartnerUpload(
  app: FastifyInstance,
  { config }: PageDeps,
  { programWrites, uploads }: PartnerPageServices,
  { visits, show }: { visits: PartnerVisits; show: ShowProgram },
): Promise<void> {
  await app.register(async (form) => {
    form.removeAllContentTypeParsers();
    // Left to the handler, which reads it as it comes.
    form.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));
    form.post<ProgramRoute>(
      '/partner/programs/:programKey/uploads',
      // The hidden token comes with the body: the handler looks at it.
      { bodyLimit: mostUploadBytes + besideTheFileBytes, config: { isOpenToOtherSites: true } },
      async (request, reply) => {
        const partner = await visits.requirePartner(request, reply);
        const program = await visits.requireProgram(partner, request.params.programKey, 'WRITE_ENROLLMENTS');
        const { actor, viewer } = partner;
        let fields: Readonly<Record<string, string>> = {};
        try {
          refuseTooLarge(request);
          const rules = { field: 'file', mostBytes: mostUploadBytes };
          const upload = await receiveFile(request.raw, request.headers, rules, async (file, name, before) => {
            requireOwnForm(request, before, config.http.publicUrl);
            fields = before;
            return uploads.receive(file, { name: name.slice(0, 255), actor });
          });
          const isDryRun = fields.dry === 'yes';
          try {
            const writable = await programWrites.requireProgram(program.key, viewer);
            const level = fields.level === 'course' ? 'course' : 'program';
            const work = await programWrites.upload(writable, level, { uploadId: upload.id, isDryRun }, actor);
            return reply.redirect(workHref(program, work.id), 303);
          } catch (error) {
            // Nothing will be done with it: it must not count as one that waits.
            await uploads.remove(upload.id);
            throw error;
          }
        } catch (error) {
          const isAboutTheFile = error instanceof InvalidInputError || error instanceof TooLargeError;
          if (!isAboutTheFile && !(error instanceof ConflictError)) throw error;
          // What is left of the body is read away, so that the browser sees the answer.
          request.raw.resume();
          const message = reply.request.words.ofError(error);
          const refused = { field: isAboutTheFile ? 'file' : undefined, message };
          return show(reply.code(error.httpStatus), partner, program, refusedForm(reply, { ...fields }, refused));
        }
      },
    );
  });
}
