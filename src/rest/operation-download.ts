import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NotFoundError } from '../errors.js';
import type { OperationFiles } from '../services/operation/operation-files.js';

type DownloadRequest = FastifyRequest<{
  Params: { operationId: string };
  Querystring: { expires?: unknown; signature?: unknown };
}>;

/** `GET /api/operations/{id}/download`: the file of an operation, to whoever holds the signed address that the graph gave. */
export function registerOperationDownload(
  app: FastifyInstance,
  { files }: { files: Pick<OperationFiles, 'open'> },
): void {
  app.get('/api/operations/:operationId/download', async (request: DownloadRequest, reply) => {
    const { expires, signature } = request.query;
    const address = {
      operationId: request.params.operationId,
      expires: typeof expires === 'string' ? expires : '',
      signature: typeof signature === 'string' ? signature : '',
    };
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    try {
      const { name, mediaType, sizeBytes, text } = await files.open(address, request.ip);
      return reply
        .type(mediaType)
        .header('content-disposition', `attachment; filename="${name}"`)
        .header('content-length', sizeBytes)
        .send(Readable.from(text, { objectMode: false }));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return reply.code(404).send({ detail: error.message });
    }
  });
}
