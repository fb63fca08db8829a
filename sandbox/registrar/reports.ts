import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { apiView, LmsCrash, plainView, type View } from '../lms/http/view.js';
import { REGISTRAR_HABITS } from './habits.js';
import { REPORTS } from './paths.js';
import type { Registrar } from './registrar-context.js';
import { findProgram, requirePermission } from './rights.js';

const FILES = '/api/media/program-reports/reports_v2';

/** Files about a program whose names tell a day, and the files themselves, which ask for no credentials. */
export function reportViews(registrar: Registrar): View[] {
  const { lms } = registrar;
  return [
    apiView(REPORTS, {
      profile: 'P5',
      permission: (call) => requirePermission(lms, call, 'read_reports'),
      methods: { GET: (call) => list(registrar, call) },
    }),
    plainView(new RegExp(`^${FILES}/[^/]+/(?<folder>[0-9a-f]{32})/(?<name>[^/]+)$`, 'u'), {
      methods: {
        GET: (call) => {
          const program = [...lms.state.catalog.programs.values()].find(
            ({ uuid }) => uuid.replaceAll('-', '') === call.param('folder'),
          );
          const body = program?.reports[call.param('name')];
          if (body === undefined) return REGISTRAR_HABITS.errorPage(call, 404);
          return { status: 200, body, contentType: 'text/csv', headers: [] };
        },
      },
    }),
  ];
}

function list({ lms, rootUrl }: Registrar, call: Call): Answer {
  const { uuid, organizations, reports } = findProgram(lms, call);
  const since = call.argument('min_created_date');
  const first = since === null ? undefined : dayIn(`__${since}`);
  if (since !== null && first === undefined) throw new LmsCrash(`"${since}" is no day.`);
  const folder = `${rootUrl}${FILES}/${organizations[0]}/${uuid.replaceAll('-', '')}`;
  return json(
    Object.keys(reports).flatMap((name) => {
      const day = dayIn(name);
      if (day === undefined || (first !== undefined && day < first)) return [];
      return [{ name, created_date: day, download_url: `${folder}/${encodeURIComponent(name)}` }];
    }),
  );
}

/** The day in the name of a file, `anything__YYYY-MM-DD`, with month and day in one digit or two; padded. */
function dayIn(name: string): string | undefined {
  const [, year = '', month = '', day = ''] = /__(\d{4})-(\d{1,2})-(\d{1,2})(?:\.[^_]*)?$/.exec(name) ?? [];
  const padded = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const moment = new Date(`${padded}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(padded) ? padded : undefined;
}
