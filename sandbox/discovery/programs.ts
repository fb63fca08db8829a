import { PROGRAM_STATUSES, type Program } from '../catalog/rows.js';
import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { notFound } from '../lms/http/errors.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { programDetail, programView } from './program-view.js';
import { booleanFilter, choices, commaList, discoveryView, flag, listAnswer, partnerOf, trim } from './view-options.js';

/** `programs/`: all statuses unless some are asked for. Its detail asks for no partner. */
export function programViews(lms: Lms): View[] {
  return [
    discoveryView(lms, 'programs/', (call) => list(lms, call)),
    discoveryView(lms, 'programs/{uuid}/', (call) => {
      const program = lms.state.catalog.programs.get(call.param('uuid').toLowerCase());
      if (program === undefined) throw notFound();
      return json(trim(call, programDetail(lms, call, program)));
    }),
  ];
}

function list(lms: Lms, call: Call): Answer {
  const rows = filtered(lms, call, [...lms.state.catalog.programs.values()]);
  if (flag(call, 'uuids_only')) return json(rows.map(({ uuid }) => uuid));
  return listAnswer(call, rows, (program) => programView(lms, call, program));
}

function filtered(lms: Lms, call: Call, programs: readonly Program[]): Program[] {
  const partner = partnerOf(lms, call);
  const statuses = choices(call, 'status', PROGRAM_STATUSES);
  const types = commaList(call, 'types');
  const typeName = call.argument('type')?.toLowerCase() || null;
  const uuids = commaList(call, 'uuids')?.map((uuid) => uuid.toLowerCase());
  const isMarketable = booleanFilter(call, 'marketable');
  const isHidden = booleanFilter(call, 'hidden');
  const slug = call.argument('marketing_slug') || null;
  const timestamp = Date.parse(call.argument('timestamp') ?? '');
  const phrase = call.argument('q')?.toLowerCase() || null;
  const nameOf = (program: Program) => lms.state.catalog.programTypes.get(program.type)?.name.toLowerCase();
  return programs
    .filter((program) => program.partner === partner)
    .filter((program) => statuses?.includes(program.status) ?? true)
    .filter((program) => types?.includes(program.type) ?? true)
    .filter((program) => typeName === null || nameOf(program) === typeName)
    .filter((program) => uuids?.includes(program.uuid) ?? true)
    .filter((program) => isMarketable !== true || (program.status === 'active' && program.marketingSlug !== ''))
    .filter((program) => isHidden === null || program.isHidden === isHidden)
    .filter((program) => slug === null || program.marketingSlug === slug)
    .filter((program) => Number.isNaN(timestamp) || Date.parse(program.modified) >= timestamp)
    .filter((program) => phrase === null || program.title.toLowerCase().includes(phrase))
    .sort(orderOf(call.argument('ordering')));
}

/** The order that was asked for: by title, or by when a program was changed; a minus turns it round. */
function orderOf(ordering: string | null): (a: Program, b: Program) => number {
  const sign = ordering?.startsWith('-') ? -1 : 1;
  const name = ordering?.replace(/^-/, '');
  if (name === 'title') return (a, b) => sign * a.title.localeCompare(b.title);
  if (name === 'data_modified_timestamp') return (a, b) => sign * a.modified.localeCompare(b.modified);
  return () => 0;
}
