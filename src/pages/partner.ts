import type { FastifyInstance } from 'fastify';
import { renderPartnerPage } from '../web/partner.page.js';
import type { PageDeps, PartnerPageServices } from './page-deps.js';
import { registerPartnerProgram } from './partner-program.js';
import { registerPartnerReports } from './partner-reports.js';
import { registerPartnerUpload } from './partner-upload.js';
import { createPartnerVisits, programHref } from './partner-visit.js';
import { describeRights } from './partner-words.js';
import { registerPartnerWork } from './partner-work.js';
import { createVisits } from './visit.js';

/** `/partner`: what people of partner schools do with their programs. Rights are those of the graph and the REST API. */
export async function registerPartner(
  app: FastifyInstance,
  deps: PageDeps,
  services: PartnerPageServices,
): Promise<void> {
  const { programs, permissions } = services;
  const { frame } = createVisits(deps);
  const visits = createPartnerVisits(deps, services);

  app.get('/partner', async (request, reply) => {
    const { viewer, account } = await visits.requirePartner(request, reply);
    const { words } = reply.request;
    const known = await programs.list();
    const rights = await permissions.of(viewer, known);
    const visible = known.filter(({ id }) => (rights.get(id)?.size ?? 0) > 0);
    const [described, organizations] = await Promise.all([
      programs.describe(visible, { purpose: 'request' }),
      programs.findOrganizations(visible.map(({ organizationId }) => organizationId)),
    ]);
    const names = new Map(organizations.map(({ id, key, name }) => [id, name || key]));
    return reply.send(
      renderPartnerPage({
        ...frame(reply, account),
        programs: described.map(({ program }) => ({
          href: programHref(program),
          title: program.title ?? program.key,
          organization: names.get(program.organizationId) ?? '',
          programKey: program.key,
          rights: describeRights(rights.get(program.id) ?? [], words),
        })),
      }),
    );
  });

  const show = registerPartnerProgram(app, deps, services, visits);
  await registerPartnerUpload(app, deps, services, { visits, show });
  registerPartnerWork(app, deps, services, visits);
  registerPartnerReports(app, services, visits);
}
