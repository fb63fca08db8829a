import type { ProgramReports } from '../../services/program-report/program-reports.js';
import { readDay } from '../../services/program-report/report-day.js';
import { badRequest } from './refusal.js';
import { paths, type Route } from './routes.js';

export interface ReportEndpointDeps {
  reports: Pick<ProgramReports, 'list' | 'address'>;
}

/** Reports of a program, each with a fresh address of its file. */
export function reportRoutes({ reports }: ReportEndpointDeps): Route[] {
  return [
    {
      versions: ['v1', 'v2'],
      pattern: paths.reports,
      methods: {
        GET: {
          permission: 'READ_REPORTS',
          isSafe: true,
          async handle({ program, address }) {
            const found = await reports.list(program, { since: readSince(address) });
            return {
              status: 200,
              body: found.map((report) => ({
                name: report.name,
                created_date: report.createdOn,
                download_url: reports.address(report).url,
              })),
            };
          },
        },
      },
    },
  ];
}

/** An empty one is a mistake of whoever filled it in, and not the wish to see all. */
function readSince({ searchParams }: URL): string | undefined {
  const asked = searchParams.get('min_created_date');
  if (asked === null) return undefined;
  const day = readDay(asked);
  if (day === undefined) throw badRequest('expected "min_created_date" to be a day like 2019-12-31, or to be left out');
  return day;
}
