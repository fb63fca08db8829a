import type { FastifyInstance } from 'fastify';
import { FilesUnavailableError, NotFoundError } from '../errors.js';
import type { Program } from '../services/program/program.service.js';
import type { ProgramReports } from '../services/program-report/program-reports.js';
import type { ReportsView } from '../web/partner-reports.js';
import type { Words } from '../words/words.js';
import { type PartnerVisits, type ProgramRoute, programHref } from './partner-visit.js';

/** Reports that the page of a program tells of. */
const mostReports = 50;

/** What the page of a program shows of its reports; that they cannot be read keeps nobody from the rest of the page. */
export async function viewReports(
  reports: Pick<ProgramReports, 'list'>,
  program: Program,
  words: Words,
): Promise<ReportsView> {
  try {
    const all = await reports.list(program);
    return {
      list: all.slice(0, mostReports).map(({ name, createdOn }) => ({
        href: `${programHref(program)}/reports/${encodeURIComponent(name)}`,
        name,
        day: words.day(new Date(createdOn)),
      })),
      isCut: all.length > mostReports,
      isUnreadable: false,
    };
  } catch (error) {
    if (!(error instanceof FilesUnavailableError)) throw error;
    return { list: [], isCut: false, isUnreadable: true };
  }
}

/** `/partner/programs/{key}/reports/{name}`: leads to a report, by an address that is good for minutes. */
export function registerPartnerReports(
  app: FastifyInstance,
  { reports }: { reports: Pick<ProgramReports, 'list' | 'address'> },
  { requirePartner, requireProgram }: PartnerVisits,
): void {
  app.get<{ Params: ProgramRoute['Params'] & { name: string } }>(
    '/partner/programs/:programKey/reports/:name',
    async (request, reply) => {
      const partner = await requirePartner(request, reply);
      const program = await requireProgram(partner, request.params.programKey, 'READ_REPORTS');
      const report = (await reports.list(program)).find(({ name }) => name === request.params.name);
      if (!report) throw new NotFoundError('The report is no longer there.');
      return reply.redirect(reports.address(report).url, 303);
    },
  );
}
