import type { CostBook } from '../cost/cost-book.js';
import { usualWorkers } from '../cost/estimates.js';
import { planCsv } from '../csv/plan.js';
import { allValues, type KeyedAnswers } from '../keyed-answers.js';
import type { MappingFilter, MappingReads, ThirdPartyMapping } from '../lms/third-party-auth.js';
import { type Part, readSplitting } from '../split-on-refusal.js';
import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { PageGuard } from '../upstream/page-argument.js';
import { queryBytes } from '../upstream/query.js';
import { planMappings } from './plan.js';

export interface MappingReader {
  /** By lower-cased remote id; undefined when the LMS has no such link. */
  readMappings(
    remoteIds: readonly string[],
    options: CallOptions,
  ): Promise<KeyedAnswers<ThirdPartyMapping | undefined>>;
  /**
   * All links of these users and of these remote ids; a user may have several.
   *
   * @throws UpstreamRejectedError with status 404 when the LMS has no such provider
   */
  listMappings(wanted: WantedMappings, options: CallOptions): Promise<ThirdPartyMapping[]>;
}

export interface WantedMappings {
  usernames?: readonly string[];
  remoteIds?: readonly string[];
  /** Portico's own provider unless given. */
  providerId?: string;
}

const maxPages = 20;

export function createMappingReader(
  api: Pick<MappingReads, 'mappingPage'>,
  { maxQueryBytes, costs }: { maxQueryBytes: number; costs: CostBook },
): MappingReader {
  const readPage = (filter: MappingFilter, page: number, options: CallOptions, providerId: string | undefined) =>
    costs.measure(
      'mapping.list',
      (call) => api.mappingPage(filter, page, call, providerId),
      ({ rows }) => rows.length,
      options,
    );
  const readPages = async (
    filter: MappingFilter,
    options: CallOptions,
    providerId: string | undefined,
  ): Promise<ThirdPartyMapping[]> => {
    const rows: ThirdPartyMapping[] = [];
    const guard = new PageGuard('lms', maxPages);
    let page: number | undefined = 1;
    do {
      const answer = await readPage(filter, page, options, providerId);
      if (!answer.rows.every((row) => isWithin(filter, row)))
        throw unavailable('lms', 'bad-answer', { cause: new Error('the LMS ignored the filter of the ID mapping') });
      rows.push(...answer.rows);
      page = answer.nextPage === undefined ? undefined : Number(guard.follow(String(answer.nextPage)));
    } while (page !== undefined);
    return rows;
  };
  const read = async (
    ids: readonly string[],
    toFilter: (ids: readonly string[]) => MappingFilter,
    options: CallOptions,
    providerId?: string,
  ): Promise<Part<ThirdPartyMapping[]>[]> => {
    const { lists, estimateMs } = planMappings(ids, {
      list: costs.costOf('mapping.list'),
      workers: usualWorkers,
      maxBytes: maxQueryBytes,
      bytesOf: queryBytes,
      split: planCsv,
    });
    if (lists.length === 0) return [];
    const rules = { blamesKey: () => false, readBlamed: async () => [] };
    const planned = { plan: 'mappings', wanted: ids.length, steps: { 'mapping.list': lists.length }, estimateMs };
    const readLists = async (call: CallOptions) => {
      const readList = (list: readonly string[]) => readPages(toFilter(list), call, providerId);
      return (await Promise.all(lists.map((list) => readSplitting(list, readList, rules)))).flat();
    };
    return costs.follow(planned, readLists, options);
  };
  const byRemoteId = (remoteIds: readonly string[]) => ({ remoteIds });
  const byUsername = (usernames: readonly string[]) => ({ usernames });

  return {
    async readMappings(remoteIds, options) {
      const answers: KeyedAnswers<ThirdPartyMapping | undefined> = new Map(
        remoteIds.map((id) => [id.toLowerCase(), { value: undefined }]),
      );
      for (const part of await read(remoteIds, byRemoteId, options)) {
        if ('error' in part) for (const id of part.keys) answers.set(id.toLowerCase(), { error: part.error });
        else for (const row of part.value) answers.set(row.remoteId.toLowerCase(), { value: row });
      }
      return answers;
    },
    async listMappings({ usernames = [], remoteIds = [], providerId }, options) {
      const parts = await Promise.all([
        read(usernames, byUsername, options, providerId),
        read(remoteIds, byRemoteId, options, providerId),
      ]);
      const rows = allValues(new Map(parts.flat().map((part, index) => [String(index), part]))).flat();
      return [...new Map(rows.map((row) => [`${row.username} ${row.remoteId}`, row])).values()];
    },
  };
}

function isWithin(filter: MappingFilter, row: ThirdPartyMapping): boolean {
  const [ids, id] = 'usernames' in filter ? [filter.usernames, row.username] : [filter.remoteIds, row.remoteId];
  return ids.some((wanted) => wanted.toLowerCase() === id.toLowerCase());
}
