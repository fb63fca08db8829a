import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NotFoundError } from '../errors.js';
import type { Operation, OperationService } from '../services/operation/operation.service.js';
import { renderPartnerWorkPage } from '../web/partner-work.page.js';
import type { Words } from '../words/words.js';
import { sendFailedRows } from './failed-rows.js';
import type { PageDeps, PartnerPageServices } from './page-deps.js';
import { isRowId, type PartnerVisits, programHref, type WorkRoute, workHref } from './partner-visit.js';
import { describeKind, describeProgress, describeState, describeTrouble, viewRow } from './partner-words.js';
import { createVisits } from './visit.js';

interface WorkPageRoute extends WorkRoute {
  Querystring: { rows?: unknown; after?: unknown; before?: unknown };
}

/** Rows on a page. */
const pageSize = 50;

/** `/partner/programs/{key}/operations/{id}`: an upload or a download, from its beginning to its file. */
export function registerPartnerWork(
  app: FastifyInstance,
  deps: PageDeps,
  { programWrites, operations, files }: PartnerPageServices,
  { requirePartner, requireWork }: PartnerVisits,
): void {
  const { frame } = createVisits(deps);
  const path = '/partner/programs/:programKey/operations/:id';

  app.get<WorkPageRoute>(path, { config: { hasScript: true } }, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { program, work } = await requireWork(partner, request.params);
    const { words } = reply.request;
    const isUpload = work.kind.startsWith('UPLOAD_');
    const isFinished = work.finishedAt != null;
    const href = workHref(program, work.id);
    const [[file], rows] = await Promise.all([
      files.find([work.id]),
      isUpload ? viewRows(operations, work, request, { href, words }) : undefined,
    ]);
    return reply.send(
      renderPartnerWorkPage({
        ...frame(reply, partner.account),
        csrfToken: reply.generateCsrf(),
        href,
        program: { title: program.title ?? program.key, href: programHref(program) },
        label: describeKind(work, words),
        state: describeState(work, words),
        isFinished,
        progress: describeProgress(work, words),
        done: work.done,
        total: work.total ?? undefined,
        trouble: describeTrouble(work, words),
        mayCancel: !isFinished && work.cancelRequestedAt == null,
        mayRetry: isUpload && isFinished && work.state !== 'SUCCEEDED',
        mayApply: isUpload && isFinished && work.input.isDryRun === true && work.done > work.failed && hasUpload(work),
        file: isFinished ? file?.name : undefined,
        rows,
      }),
    );
  });

  app.post<WorkRoute>(`${path}/cancel`, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { program, work } = await requireWork(partner, request.params);
    await operations.cancel(work.id, partner.actor);
    return reply.redirect(workHref(program, work.id), 303);
  });

  app.post<WorkRoute>(`${path}/retry`, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { program, work } = await requireWork(partner, request.params);
    const again = await operations.retry(work.id, partner.actor);
    return reply.redirect(workHref(program, again.id), 303);
  });

  app.post<WorkRoute>(`${path}/apply`, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { program, work } = await requireWork(partner, request.params);
    const { uploadId, isDryRun } = work.input;
    if (isDryRun !== true || typeof uploadId !== 'string')
      throw new NotFoundError('There is no file here that could be written. Upload it again.');
    const writable = await programWrites.requireProgram(program.key, partner.viewer);
    const level = work.kind === 'UPLOAD_COURSE_ENROLLMENTS' ? 'course' : 'program';
    const real = await programWrites.upload(writable, level, { uploadId, isDryRun: false }, partner.actor);
    return reply.redirect(workHref(program, real.id), 303);
  });

  app.get<WorkRoute>(`${path}/download`, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { work } = await requireWork(partner, request.params);
    const [file] = await files.find([work.id]);
    if (!file) throw new NotFoundError('The file is no longer kept. Ask for a new one.');
    // A fresh address each time: it is good for minutes.
    return reply.redirect(files.link(file).url, 303);
  });

  app.get<WorkRoute>(`${path}/failed-rows.csv`, async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const { work } = await requireWork(partner, request.params);
    return sendFailedRows(reply, operations, work);
  });
}

function hasUpload({ input }: Operation): boolean {
  return typeof input.uploadId === 'string';
}

/** Failed rows alone, while there are some, unless all are wanted. */
async function viewRows(
  operations: Pick<OperationService, 'rows'>,
  { id, failed }: Operation,
  { query }: FastifyRequest<WorkPageRoute>,
  { href, words }: { href: string; words: Words },
) {
  const isFailedOnly = query.rows === 'failed' || (query.rows !== 'all' && failed > 0);
  const page = await operations.rows(
    id,
    { isFailed: isFailedOnly },
    {
      size: pageSize,
      ...(isRowId(query.after) && { after: query.after }),
      ...(isRowId(query.before) && { before: query.before, fromEnd: true }),
    },
  );
  const linkTo = (way: 'after' | 'before', row: { id: string } | undefined) =>
    `${href}?${new URLSearchParams({ rows: isFailedOnly ? 'failed' : 'all', [way]: row?.id ?? '' })}`;
  return {
    list: page.rows.map((row) => viewRow(row, words)),
    isFailedOnly,
    failed,
    ...(page.hasPreviousPage && page.rows.length > 0 && { previous: linkTo('before', page.rows[0]) }),
    ...(page.hasNextPage && { next: linkTo('after', page.rows.at(-1)) }),
  };
}
