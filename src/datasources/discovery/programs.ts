import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { queryString } from '../upstream/query.js';
import type { DiscoveryCall, DiscoveryClient, DiscoveryOperation } from './discovery-client.js';
import { type DiscoveryProgram, parseProgramPage, parseProgramRows, toDiscoveryProgram } from './programs.wire.js';

/** Most programs that one call names: their ids then take less than 4 kB of the address. */
const mostUuids = 100;
/** Rows of a page of the catalogue: a program with its courses may take tens of kilobytes. */
const pageSize = 50;
/** A list that goes on for longer than this is none. */
const mostPages = 400;

/** A page of the catalogue, and what of it could not be read. */
export interface ProgramPage {
  programs: DiscoveryProgram[];
  /** Why rows could not be read, for a log. */
  misfits: string[];
}

export interface DiscoveryReads {
  /** Programs by their ids, a hundred a call; what Discovery does not know is missing. */
  programsByUuid(uuids: readonly string[], options: CallOptions): Promise<Map<string, DiscoveryProgram>>;
  /**
   * The active programs of these types, page by page, each once.
   *
   * @param types - slugs, e.g. `masters`
   */
  activePrograms(types: readonly string[], options: CallOptions): AsyncIterable<ProgramPage>;
}

/** Discovery's programs. Every error leaves: what was known before is the caller's, and a failure is never kept. */
export function createDiscoveryReads(client: Pick<DiscoveryClient, 'request'>): DiscoveryReads {
  const list = (operation: DiscoveryOperation, query: string): DiscoveryCall<ProgramPage & { isLast: boolean }> => ({
    operation,
    family: 'programs',
    method: 'GET',
    path: `/api/v1/programs/${query}`,
    credentials: 'worker',
    isIdempotent: true,
    read: (answer) => readPage(operation, answer),
  });
  return {
    async programsByUuid(uuids, options) {
      const wanted = [...new Set(uuids.map((uuid) => uuid.toLowerCase()))];
      const chunks = Array.from({ length: Math.ceil(wanted.length / mostUuids) }, (_, index) =>
        wanted.slice(index * mostUuids, (index + 1) * mostUuids),
      );
      const pages = await Promise.all(
        chunks.map((chunk) =>
          client.request(
            list('program.list-by-uuid', queryString({ uuids: chunk, limit: mostUuids, exclude_utm: 1 })),
            options,
          ),
        ),
      );
      const found = pages.flatMap(({ programs }) => programs).map((program) => [program.uuid, program] as const);
      // An installation that ignores the filter answers others, too.
      return new Map(found.filter(([uuid]) => wanted.includes(uuid)));
    },
    async *activePrograms(types, options) {
      const seen = new Set<string>();
      for (let page = 0; page < mostPages; page += 1) {
        const query = queryString({
          types,
          status: 'active',
          exclude_utm: 1,
          limit: pageSize,
          offset: page === 0 ? undefined : page * pageSize,
        });
        const { programs, misfits, isLast } = await client.request(list('program.list', query), options);
        const fresh = programs.filter(({ uuid }) => !seen.has(uuid));
        for (const { uuid } of fresh) seen.add(uuid);
        yield { programs: fresh, misfits };
        if (isLast) return;
      }
      throw unavailable('discovery', 'bad-answer', { cause: new Error('the list of programs does not end') });
    },
  };
}

function readPage(operation: DiscoveryOperation, answer: UpstreamAnswer): ProgramPage & { isLast: boolean } {
  if (answer.status === 403) throw unavailable('discovery', 'credentials', { status: 403 });
  if (answer.status >= 400) throw rejected('discovery', operation, answer);
  const page = parseProgramPage(answer.body);
  const { rows, misfits } = parseProgramRows(page.results);
  return {
    programs: rows.map(toDiscoveryProgram),
    misfits: misfits.map(({ why }) => why),
    isLast: page.next === null || page.results.length === 0,
  };
}
