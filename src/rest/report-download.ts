import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, NotFoundError } from '../errors.js';
import type { ProgramReports } from '../services/program-report/program-reports.js';
import { sendEdxError } from './edx-answers.js';

type ReportRequest = FastifyRequest<{
  Params: { programId: string; name: string };
  Querystring: { expires?: unknown; signature?: unknown };
}>;

/**
 * `GET /api/program-reports/{program}/{name}`: a report, to whoever holds the signed address that a list gave. Browsers and `curl -O`
 * name the file after the end of the address.
 */
export function registerReportDownload(
  app: FastifyInstance,
  { reports }: { reports: Pick<ProgramReports, 'open'> },
): void {
  app.get('/api/program-reports/:programId/:name', async (request: ReportRequest, reply) => {
    const { expires, signature } = request.query;
    const signed = {
      expires: typeof expires === 'string' ? expires : '',
      signature: typeof signature === 'string' ? signature : '',
    };
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    try {
      const { sizeBytes, content } = await reports.open(request.params, signed, request.ip);
      return reply
        .type(mediaTypeOf(request.params.name))
        .header('content-disposition', 'attachment')
        .header('content-length', sizeBytes)
        .send(content);
    } catch (error) {
      if (error instanceof NotFoundError) return reply.code(404).send({ detail: error.message });
      if (error instanceof AppError) return sendEdxError(request, reply, error);
      throw error;
    }
  });
}

/** Nobody knows what is in it; it is never shown. */
function mediaTypeOf(name: string): string {
  return /\.csv$/i.test(name) ? 'text/csv' : 'application/octet-stream';
}
