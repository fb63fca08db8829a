import { Type } from 'typebox';
import type { CurriculumRun } from '../../entities/program.entity.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { createParser, createRowsParser } from '../upstream/parser.js';
import { encodePathSegment, queryString } from '../upstream/query.js';
import type { RegistrarCall, RegistrarClient } from './registrar-client.js';

const Text = Type.Union([Type.String(), Type.Null()]);
const WireProgram = Type.Object({
  program_key: Type.String({ minLength: 1 }),
  program_title: Text,
  program_url: Type.Optional(Text),
  program_type: Type.Optional(Text),
  permissions: Type.Optional(Type.Array(Type.String())),
});
type WireProgram = Type.Static<typeof WireProgram>;

const parsePage = createParser('registrar', Type.Object({ next: Text, results: Type.Array(Type.Unknown()) }));
const parseRows = createRowsParser('registrar', WireProgram);
const parseProgram = createParser('registrar', WireProgram);
const parseRuns = createParser(
  'registrar',
  Type.Array(
    Type.Object({
      course_id: Type.String({ minLength: 1 }),
      external_course_key: Type.Optional(Text),
      course_title: Type.Optional(Text),
      course_url: Type.Optional(Text),
    }),
  ),
);

/** Programs of a page; a Registrar with a cold cache asks Discovery once for each. */
const pageSize = 100;
/** A list that goes on for longer than this is none. */
const mostPages = 200;

/** A program as a Registrar describes it: neither its id nor its organization are told. */
export interface RegistrarProgram {
  key: string;
  title: string | null;
  url: string | null;
  /** Displayed name of its type; null while the Registrar does not know, for then it knows nothing else either. */
  typeName: string | null;
  /** What the service worker may do there, e.g. `write_enrollments`; the Registrar takes enrollments of Masters only. */
  permissions: readonly string[];
}

/** Programs of a Registrar that the service worker may see. */
export interface RegistrarPrograms {
  /**
   * All, or those that one organization manages, page by page, each once.
   *
   * @returns nothing for an organization that the Registrar does not have
   */
  list(
    filter: { organizationKey?: string | undefined },
    options: CallOptions,
  ): AsyncIterable<{ programs: RegistrarProgram[]; misfits: string[] }>;
  /** One; undefined when it is not there, or not for the service worker to see. */
  find(key: string, options: CallOptions): Promise<RegistrarProgram | undefined>;
  /** Course runs of its active curriculum, in the Registrar's order. */
  runsOf(key: string, options: CallOptions): Promise<CurriculumRun[]>;
}

export function createRegistrarPrograms(client: Pick<RegistrarClient, 'request'>): RegistrarPrograms {
  return {
    async *list({ organizationKey }, options) {
      const seen = new Set<string>();
      for (let page = 1; page <= mostPages; page += 1) {
        const query = queryString({ org: organizationKey, page: page === 1 ? undefined : page, page_size: pageSize });
        const mayBeMissing = organizationKey !== undefined || page > 1;
        const { programs, misfits, isLast } = await client.request(listCall(query, mayBeMissing), options);
        const fresh = programs.filter(({ key }) => !seen.has(key));
        for (const { key } of fresh) seen.add(key);
        yield { programs: fresh, misfits };
        if (isLast) return;
      }
      throw unavailable('registrar', 'bad-answer', { cause: new Error('the list of programs does not end') });
    },
    async find(key, options) {
      const program = await readProgram(client, key, options);
      return program && toProgram(program);
    },
    runsOf: (key, options) =>
      client.request(
        {
          operation: 'program-run.list',
          family: 'programs',
          method: 'GET',
          path: `/api/v1/programs/${encodePathSegment(key)}/courses`,
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) => {
            const rows = parseRuns(acceptedOf('program-run.list', answer));
            return rows.map(({ course_id, external_course_key, course_title, course_url }) => ({
              courseKey: course_id,
              externalKey: external_course_key || null,
              title: course_title || null,
              url: course_url || null,
              course: null,
            }));
          },
        },
        options,
      ),
  };
}

/**
 * Version 3 alone has pages.
 *
 * @param mayBeMissing - whether what is asked for, an organization or a page, may not be there
 */
function listCall(
  query: string,
  mayBeMissing: boolean,
): RegistrarCall<{ programs: RegistrarProgram[]; misfits: string[]; isLast: boolean }> {
  return {
    operation: 'program.list',
    family: 'programs',
    method: 'GET',
    path: `/api/v3/programs/${query}`,
    credentials: 'worker',
    isIdempotent: true,
    read(answer) {
      if (answer.status === 404 && mayBeMissing) return { programs: [], misfits: [], isLast: true };
      const { next, results } = parsePage(acceptedOf('program.list', answer));
      const { rows, misfits } = parseRows(results);
      return {
        programs: rows.map(toProgram),
        misfits: misfits.map(({ why }) => why),
        isLast: next === null || results.length === 0,
      };
    },
  };
}

/** One program; undefined when it is not there, or not for the service worker to see. */
export function readProgram(
  client: Pick<RegistrarClient, 'request'>,
  key: string,
  options: CallOptions,
): Promise<WireProgram | undefined> {
  return client.request(
    {
      operation: 'program.read',
      family: 'programs',
      method: 'GET',
      path: `/api/v1/programs/${encodePathSegment(key)}`,
      credentials: 'worker',
      isIdempotent: true,
      read: (answer) =>
        answer.status === 403 || answer.status === 404 ? undefined : parseProgram(acceptedOf('program.read', answer)),
    },
    options,
  );
}

function acceptedOf(operation: RegistrarCall<unknown>['operation'], answer: UpstreamAnswer): unknown {
  if (answer.status === 403) throw unavailable('registrar', 'credentials', { status: 403 });
  if (answer.status >= 400) throw rejected('registrar', operation, answer);
  return answer.body;
}

function toProgram({
  program_key,
  program_title,
  program_url,
  program_type,
  permissions,
}: WireProgram): RegistrarProgram {
  return {
    key: program_key,
    title: program_title || null,
    url: program_url || null,
    typeName: program_type || null,
    permissions: permissions ?? [],
  };
}
