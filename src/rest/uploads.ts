import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../access/viewer.js';
import { ForbiddenError, InvalidInputError, UnauthenticatedError } from '../errors.js';
import type { Actor } from '../services/actor.js';
import type { UploadService } from '../services/upload/upload.service.js';
import { receiveFile, TooLargeError } from './multipart-file.js';
import { howToBeOwn, isFromElsewhere } from './own-page.js';

export interface UploadDependencies {
  authenticate(req: FastifyRequest['raw'], res: FastifyReply['raw']): Promise<Viewer>;
  uploads: Pick<UploadService, 'receive'>;
  /** Of Portico, as browsers know it. */
  publicUrl: string;
}

/** Of an uploaded file. */
export const mostUploadBytes = 100 * 1024 * 1024;
/** Boundaries and other fields. */
export const besideTheFileBytes = 1024 * 1024;

/**
 * `POST /api/uploads`: takes a CSV file as the part `file` of multipart/form-data, to 100 MB, and answers its `uploadId`, which the
 * upload mutations of the graph take. The file is stored while it comes in.
 */
export async function uploadRoutes(
  app: FastifyInstance,
  { authenticate, uploads, publicUrl }: UploadDependencies,
): Promise<void> {
  app.removeAllContentTypeParsers();
  // Left to the handler, which reads it as it comes, once it is clear who sends it.
  app.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));

  for (const path of ['/api/uploads', '/api/uploads/'])
    app.post(path, { bodyLimit: mostUploadBytes + besideTheFileBytes }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const actor = requireWriter(await authenticate(request.raw, reply.raw), request, publicUrl);
      try {
        refuseTooLarge(request);
        const upload = await receiveFile(
          request.raw,
          request.headers,
          { field: 'file', mostBytes: mostUploadBytes },
          (file, name) => uploads.receive(file, { name: name.slice(0, 255), actor }),
        );
        const { id: uploadId, sizeBytes, expiresAt } = upload;
        return reply.code(201).send({ uploadId, sizeBytes, expiresAt });
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        return reply.code(400).send({ error: { code: error.reason, message: error.message, requestId: request.id } });
      }
    });
}

/** @throws UnauthenticatedError; ForbiddenError for whoever may not write programs, or may be a page of another site */
function requireWriter(viewer: Viewer, request: FastifyRequest, publicUrl: string): Actor {
  if (viewer.via === 'nobody') throw new UnauthenticatedError();
  if (viewer.scopes && !viewer.scopes.has('programs:write'))
    throw new ForbiddenError('The access token lacks the scope programs:write.');
  if (viewer.via === 'session') {
    if (isFromElsewhere(request.headers, publicUrl)) throw new ForbiddenError(howToBeOwn);
    if (!viewer.roles.has('PARTNER')) throw new ForbiddenError('This needs the role PARTNER or ADMIN.');
  }
  const { account, clientId, roles } = viewer;
  return { accountId: account?.id ?? null, clientId: clientId ?? null, address: request.ip, roles };
}

/** Before anything of it is read. @throws {@link TooLargeError} */
export function refuseTooLarge({ headers }: FastifyRequest): void {
  if (Number(headers['content-length'] ?? 0) > mostUploadBytes + besideTheFileBytes)
    throw new TooLargeError(`The file is too large: ${mostUploadBytes / 1024 / 1024} MB are taken.`);
}
