import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { NotFoundError } from '../errors.js';
import { renderDataExportPage } from '../web/data-export.page.js';
import type { FormState } from '../web/form.js';
import type { PageDeps } from './page-deps.js';
import { readNeeds, readProof } from './proof.js';
import { createVisits, emptyForm, readForm, refuseForm, type SignedIn } from './visit.js';

/** `/account/data`: a copy of one's data, asked for and downloaded. */
export function registerDataExport(app: FastifyInstance, deps: PageDeps): void {
  const { config, dataExports, identityProof } = deps;
  const { requirePerson, frame } = createVisits(deps);

  const show = async (reply: FastifyReply, { account, sessionUid }: SignedIn, form: FormState) => {
    const words = reply.request.words;
    const copy = await dataExports.find(account.id);
    const isFresh = await identityProof.isFresh(account.id, sessionUid);
    return renderDataExportPage({
      ...frame(reply, account),
      form,
      copy: copy && {
        isReady: copy.state === 'READY',
        readyAt: words.day(copy.readyAt ?? copy.createdAt, 'long'),
        expiresAt: words.day(copy.expiresAt ?? copy.createdAt, 'long'),
        size: formatSize(copy.sizeBytes ?? 0),
      },
      proof: isFresh ? undefined : await readNeeds(deps, account.id),
      lifeDays: config.leaving.exportLifeDays,
    });
  };

  const download = async (reply: FastifyReply, { account }: SignedIn, address: string) => {
    try {
      const copy = await dataExports.open(account.id, { accountId: account.id, address });
      return sendFile(reply, `data-of-${account.username}.json`, copy);
    } catch (error) {
      if (error instanceof NotFoundError) return reply.redirect('/account/data', 303);
      throw error;
    }
  };

  const withScript = { config: { hasScript: true } };

  app.get('/account/data', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    return reply.send(await show(reply, person, emptyForm(reply)));
  });

  app.post('/account/data', withScript, async (request, reply) => {
    const person = await requirePerson(request, reply);
    const { account, sessionUid } = person;
    try {
      if (!(await identityProof.isFresh(account.id, sessionUid)))
        await identityProof.require(account.id, readProof(request, config.http.publicUrl));
      if (readForm(request.body).act === 'download') return await download(reply, person, request.ip);
      await dataExports.request(account.id, { accountId: account.id, address: request.ip });
      return reply.redirect('/account/data', 303);
    } catch (error) {
      return reply.send(await show(reply, person, refuseForm(reply, {}, error)));
    }
  });

  app.get('/account/data/download', async (request, reply) => {
    const person = await requirePerson(request, reply);
    // The page asks for the proof that is missing.
    if (!(await identityProof.isFresh(person.account.id, person.sessionUid)))
      return reply.redirect('/account/data', 303);
    return download(reply, person, request.ip);
  });
}

/** One piece at a time, as fast as the person's connection takes them. */
function sendFile(
  reply: FastifyReply,
  name: string,
  { sizeBytes, text }: { sizeBytes: number; text: AsyncIterable<string> },
) {
  return reply
    .type('application/json; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('content-length', sizeBytes)
    .header('cache-control', 'no-store')
    .send(Readable.from(text, { objectMode: false }));
}

function formatSize(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
