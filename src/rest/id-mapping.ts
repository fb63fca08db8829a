import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../access/viewer.js';
import { readMappingFilter } from '../services/third-party-mapping/mapping-filter.js';
import type { MappingPage, ThirdPartyMappings } from '../services/third-party-mapping/third-party-mapping.service.js';
import { edxTexts, sendEdxError } from './edx-answers.js';

export interface IdMappingDependencies {
  authenticate(
    req: FastifyRequest['raw'],
    res: FastifyReply['raw'],
    options: { admitsRestricted: boolean; admitsLmsTokens: boolean },
  ): Promise<Viewer>;
  thirdPartyMappings: Pick<ThirdPartyMappings, 'requireAccess' | 'page'>;
}

type IdMappingRequest = FastifyRequest<{ Params: { providerId: string } }>;

const path = '/api/third_party_auth/v0/providers/:providerId/users';
const defaultPageSize = 10;
const largestPageSize = 100;
const otherMethods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * The ID mapping as the LMS serves it, key for key, with the `page` and `page_size` of its older documentation beside them:
 * what reads the LMS's reads this. Who may is found out before whether there is such a provider.
 *
 * @see https://github.com/openedx/edx-platform, `common/djangoapps/third_party_auth/api/views.py`
 */
export function registerIdMapping(
  app: FastifyInstance,
  { authenticate, thirdPartyMappings }: IdMappingDependencies,
): void {
  const admit = async (request: IdMappingRequest, reply: FastifyReply): Promise<void> => {
    reply.header('cache-control', 'no-store').header('vary', 'Authorization, Cookie');
    const viewer = await authenticate(request.raw, reply.raw, {
      admitsRestricted: true,
      admitsLmsTokens: true,
    });
    await thirdPartyMappings.requireAccess(viewer, request.params.providerId);
  };

  app.get(path, async (request: IdMappingRequest, reply) => {
    try {
      await admit(request, reply);
      const url = new URL(request.url, `${request.protocol}://${request.host}`);
      const number = readPageNumber(url.searchParams.get('page'));
      const size = readPageSize(url.searchParams.get('page_size'));
      const filter = readMappingFilter(url.searchParams.getAll('username'), url.searchParams.getAll('remote_id'));
      const wanted = { providerId: request.params.providerId, filter };
      const page = await thirdPartyMappings.page(
        wanted,
        { number: number ?? 1, size },
        { purpose: 'request', priority: 'staff' },
      );
      const isBeyond = page.number > 1 && page.number > pageCount(page, size);
      if (number === undefined || isBeyond) return reply.code(404).send({ detail: edxTexts.badPage });
      return reply.send(describePage(page, size, url));
    } catch (error) {
      return sendEdxError(request, reply, error);
    }
  });
  app.route({
    method: [...otherMethods],
    url: path,
    async handler(request: IdMappingRequest, reply) {
      try {
        await admit(request, reply);
        const detail = `Method "${request.method}" not allowed.`;
        return reply.code(405).header('allow', 'GET, HEAD, OPTIONS').send({ detail });
      } catch (error) {
        return sendEdxError(request, reply, error);
      }
    },
  });
}

function describePage({ rows, count, number }: MappingPage, size: number, url: URL): object {
  return {
    next: number < pageCount({ count }, size) ? linkTo(url, number + 1) : null,
    previous: number > 1 ? linkTo(url, number - 1) : null,
    count,
    num_pages: pageCount({ count }, size),
    current_page: number,
    start: (number - 1) * size,
    page: number,
    page_size: size,
    results: rows.map(({ username, remoteId }) => ({ username, remote_id: remoteId })),
  };
}

/** An empty list has one page, with nothing on it. */
function pageCount({ count }: { count: number }, size: number): number {
  return Math.max(1, Math.ceil(count / size));
}

/** The same address with another page; the first is the one that needs no number. */
function linkTo(url: URL, page: number): string {
  const link = new URL(url);
  if (page === 1) link.searchParams.delete('page');
  else link.searchParams.set('page', String(page));
  link.searchParams.sort();
  return link.href;
}

/** @returns undefined for what is no page of any list */
function readPageNumber(text: string | null): number | 'last' | undefined {
  if (text === null) return 1;
  if (text === 'last') return 'last';
  return /^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** What is no size is none that was asked for. */
function readPageSize(text: string | null): number {
  const size = text !== null && /^\d+$/.test(text) ? Number(text) : 0;
  return size === 0 ? defaultPageSize : Math.min(size, largestPageSize);
}
