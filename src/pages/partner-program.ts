import type { FastifyInstance, FastifyReply } from 'fastify';
import { InvalidInputError } from '../errors.js';
import { activeRuns } from '../services/program/active-runs.js';
import type { Program } from '../services/program/program.service.js';
import type { FormState } from '../web/form.js';
import { renderPartnerProgramPage } from '../web/partner-program.page.js';
import type { PageDeps, PartnerPageServices } from './page-deps.js';
import { viewReports } from './partner-reports.js';
import {
  type Partner,
  type PartnerVisits,
  type ProgramRoute,
  programHref,
  workHref,
  workKinds,
} from './partner-visit.js';
import { describeKind, describeProgress, describeRights, describeState } from './partner-words.js';
import { createVisits, emptyForm, readForm } from './visit.js';

/** Uploads and downloads that the page of a program tells of. */
const mostWorks = 20;

/** Shows a program, with a form for an upload as it stands. */
export type ShowProgram = (
  reply: FastifyReply,
  partner: Partner,
  program: Program,
  form: FormState,
) => Promise<FastifyReply>;

/** `/partner/programs/{key}`: a program, and downloads of what is in it. */
export function registerPartnerProgram(
  app: FastifyInstance,
  deps: PageDeps,
  { programs, permissions, operations, reports }: PartnerPageServices,
  { requirePartner, requireProgram }: PartnerVisits,
): ShowProgram {
  const { frame } = createVisits(deps);

  const show: ShowProgram = async (reply, { account, viewer }, program, form) => {
    const { words } = reply.request;
    const [[described], [organization], rights, works] = await Promise.all([
      programs.describe([program], { purpose: 'request' }),
      programs.findOrganizations([program.organizationId]),
      permissions.of(viewer, [program]),
      operations.list({ startedBy: account.id, programId: program.id, kinds: workKinds }, { size: mostWorks }),
    ]);
    const known = described?.program ?? program;
    const own = rights.get(program.id) ?? new Set();
    return reply.send(
      renderPartnerProgramPage({
        ...frame(reply, account),
        form,
        href: programHref(program),
        title: known.title ?? known.key,
        facts: [
          { term: words('School'), value: organization ? organization.name || organization.key : '' },
          { term: words('Key'), value: known.key },
          ...(known.typeName ? [{ term: words('Kind'), value: known.typeName }] : []),
          { term: words('Rights'), value: describeRights(own, words) },
        ],
        isStale: described?.isStale ?? false,
        mayWrite: own.has('WRITE_ENROLLMENTS'),
        mayRead: own.has('READ_ENROLLMENTS'),
        reports: own.has('READ_REPORTS') ? await viewReports(reports, program, words) : undefined,
        runs: activeRuns(known).map(({ courseKey, externalKey, title }) => ({
          courseKey,
          title: title ?? courseKey,
          keys: [courseKey, externalKey].filter(Boolean).join(' · '),
        })),
        works: works.rows.map((work) => ({
          href: workHref(program, work.id),
          label: describeKind(work, words),
          detail: [words.minute(work.createdAt), describeProgress(work, words)].join(' · '),
          state: describeState(work, words),
        })),
      }),
    );
  };

  app.get<ProgramRoute>('/partner/programs/:programKey', async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const program = await requireProgram(partner, request.params.programKey, 'READ_METADATA');
    return show(reply, partner, program, emptyForm(reply));
  });

  app.post<ProgramRoute>('/partner/programs/:programKey/downloads', async (request, reply) => {
    const partner = await requirePartner(request, reply);
    const program = await requireProgram(partner, request.params.programKey, 'READ_ENROLLMENTS');
    const { what, courseKey } = readForm(request.body);
    const [described] = await programs.describe([program], { purpose: 'request' });
    if (
      courseKey !== undefined &&
      !activeRuns(described?.program ?? program).some((run) => run.courseKey === courseKey)
    )
      throw new InvalidInputError('The program has no such course run any more. Load its page again.');
    const { id } = await begin(what, program.id, courseKey, partner);
    return reply.redirect(workHref(program, id), 303);
  });

  const begin = (what: string | undefined, programId: string, courseKey: string | undefined, { actor }: Partner) => {
    const asked = { programId, format: 'csv' } as const;
    if (what === 'learners') return operations.begin('EXPORT_PROGRAM_ENROLLMENTS', asked, actor);
    if (what === 'course-learners')
      return operations.begin(
        'EXPORT_COURSE_ENROLLMENTS',
        { ...asked, ...(courseKey !== undefined && { courseKey }) },
        actor,
      );
    if (what === 'grades' && courseKey !== undefined)
      return operations.begin('EXPORT_PROGRAM_GRADES', { ...asked, courseKey }, actor);
    throw new InvalidInputError('There is no such download.');
  };

  return show;
}
