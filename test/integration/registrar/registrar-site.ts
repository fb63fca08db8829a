import { PartnerGrantEntity, type PartnerRole } from '../../../src/entities/partner-grant.entity.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import type { GraphCaller } from '../../support/gql.js';
import { type GraphSite, startGraphSite } from '../../support/graph-site.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';

export const masters = 'masters-in-computer-science';
export const micromasters = 'micromasters-in-data-science';
export const certificate = 'professional-certificate-in-digital-economy';
const scope = 'programs:read programs:write';

export interface Asked {
  method?: string;
  scheme?: string;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is a text or a form. */
  body?: unknown;
}

/** A Portico with the programs of DemoU and a folder for their reports, and people of four rights in them. */
export class RegistrarSite implements AsyncDisposable {
  private constructor(
    readonly site: GraphSite,
    readonly partner: GraphCaller,
    readonly reader: GraphCaller,
    readonly reporter: GraphCaller,
    readonly foreigner: GraphCaller,
    readonly reports: ReportFolderOfTest,
  ) {}

  static async start(): Promise<RegistrarSite> {
    await using stack = new AsyncDisposableStack();
    const reports = stack.use(await ReportFolderOfTest.create());
    const site = stack.use(await startGraphSite({ worker: true, env: { PROGRAM_REPORTS_FOLDER: reports.path } }));
    const { programs } = site.gateway.context.services;
    const { undecided } = await programs.sync({ purpose: 'schedule' });
    for (const { uuid, key } of undecided) await programs.link({ key, uuid, organizationKey: 'DemoU' }, systemActor);
    const organization = await programs.findOrganization('DemoU');
    const organizationId = organization?.id ?? '';
    const partner = await aPartner(site, 'partner', 'ORGANIZATION_READ_WRITE_ENROLLMENTS', { organizationId });
    const reader = await aPartner(site, 'reader', 'ORGANIZATION_READ_ENROLLMENTS', { organizationId });
    const reporter = await aPartner(site, 'reporter', 'ORGANIZATION_READ_REPORTS', { organizationId });
    const other = await programs.link(
      { key: 'elsewhere', uuid: '88888888-0000-4000-8000-000000000001', organizationKey: 'Elsewhere' },
      systemActor,
    );
    const foreigner = await aPartner(site, 'foreigner', 'PROGRAM_READ_WRITE_ENROLLMENTS', { programId: other.id });
    stack.move();
    return new RegistrarSite(site, partner, reader, reporter, foreigner, reports);
  }

  get url(): string {
    return this.site.url;
  }

  /** Id in Discovery of one of the programs. */
  async uuidOf(programKey: string): Promise<string> {
    const program = await this.site.gateway.context.services.programs.findByKey(programKey);
    return program?.discoveryUuid ?? '';
  }

  /** @param path - below `/api/` */
  async ask(caller: Pick<GraphCaller, 'token'> | undefined, path: string, asked: Asked = {}) {
    const { method = 'GET', scheme = 'Bearer', headers = {}, body } = asked;
    const isRaw = typeof body === 'string' || body instanceof FormData;
    const answer = await fetch(`${this.url}/api/${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(caller && { authorization: `${scheme} ${caller.token}` }),
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = method !== 'HEAD' && answer.headers.get('content-type')?.startsWith('application/json');
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Waits until a job has succeeded, and fetches its file. */
  async resultOf(caller: GraphCaller, jobId: string): Promise<{ job: Record<string, unknown>; file: string }> {
    const job = await eventually('the job has ended', async () => {
      const { body } = await this.ask(caller, `v1/jobs/${jobId}`);
      return body.state === 'Succeeded' && body;
    });
    return { job, file: await (await fetch(job.result)).text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
    await this.reports[Symbol.asyncDispose]();
  }
}

async function aPartner(
  site: GraphSite,
  username: string,
  role: PartnerRole,
  target: { organizationId: string } | { programId: string },
): Promise<GraphCaller> {
  const account = await site.aPerson({ username, isLinked: false });
  const em = site.gateway.context.orm.em.fork();
  em.create(PartnerGrantEntity, { accountId: account.id, role, ...target });
  await em.flush();
  return site.caller(account, scope);
}
