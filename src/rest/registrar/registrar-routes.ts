import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../../access/viewer.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { ProgramPermissions } from '../../services/partner-grant/program-permissions.js';
import type { Program, ProgramService } from '../../services/program/program.service.js';
import { sendEdxError } from '../edx-answers.js';
import { howToBeOwn, isFromElsewhere } from '../own-page.js';
import { type CacheEndpointDeps, cacheRoutes } from './cache-endpoints.js';
import { type EnrollmentEndpointDeps, enrollmentRoutes } from './enrollment-endpoints.js';
import { type JobEndpointDeps, jobRoutes } from './job-endpoints.js';
import { negotiate } from './negotiate.js';
import { effectivePermissions, type ProgramEndpointDeps, programRoutes } from './program-endpoints.js';
import { readJsonBody } from './read-json-body.js';
import { readUploadedFile } from './read-uploaded-file.js';
import { forbidden, methodNotAllowed, notAuthenticated, notFound, Refusal } from './refusal.js';
import { type ReportEndpointDeps, reportRoutes } from './report-endpoints.js';
import {
  allowedMethods,
  type Method,
  type RegistrarAnswer,
  type RegistrarCall,
  type Route,
  type Version,
  versions,
} from './routes.js';
import { type UploadEndpointDeps, uploadRoutes } from './upload-endpoints.js';

export interface RegistrarDeps {
  authenticate(
    req: FastifyRequest['raw'],
    res: FastifyReply['raw'],
    options: { admitsRestricted: boolean; admitsLmsTokens: boolean },
  ): Promise<Viewer>;
  programs: Pick<ProgramService, 'findByKey'> &
    ProgramEndpointDeps['programs'] &
    JobEndpointDeps['programs'] &
    CacheEndpointDeps['programs'];
  permissions: Pick<ProgramPermissions, 'of' | 'reachOf'>;
  operations: EnrollmentEndpointDeps['operations'] & JobEndpointDeps['operations'];
  files: JobEndpointDeps['files'];
  programWrites: EnrollmentEndpointDeps['programWrites'] & UploadEndpointDeps['programWrites'];
  uploads: UploadEndpointDeps['uploads'];
  reports: ReportEndpointDeps['reports'];
  /** Origin under which callers know Portico. */
  publicUrl: string;
}

/** All addresses of the API with their methods. */
export function registrarRouteTable(deps: RegistrarDeps): Route[] {
  return [
    ...programRoutes(deps),
    ...enrollmentRoutes(deps),
    ...uploadRoutes(deps),
    ...reportRoutes(deps),
    ...jobRoutes(deps),
    ...cacheRoutes(deps),
  ];
}

/**
 * The REST API of the Open edX Registrar under `/api/v1`, `/api/v2`, `/api/v3` and `/api/internal`, so that its clients move over by
 * changing the host. Checks come in its order: format, who is asking, the program, the right, the method, and only then what was sent.
 */
export async function registrarRoutes(app: FastifyInstance, deps: RegistrarDeps): Promise<void> {
  const routes = registrarRouteTable(deps);
  // Bodies are read by the endpoint that wants one, after all checks.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const version of versions)
    app.route({
      method: [...methods],
      url: `/api/${version}/*`,
      handler: async (request, reply) => {
        const found = findRoute(routes, version, request);
        // What matches nothing is nobody's business: no credentials are asked for.
        if (!found) return reply.callNotFound();
        reply.header('cache-control', 'no-store').header('vary', 'Accept, Authorization, Cookie');
        let indent = 0;
        try {
          const address = new URL(request.raw.url ?? '', deps.publicUrl);
          ({ indent } = negotiate(address.searchParams.get('format') ?? undefined, request.headers.accept));
          return send(request, reply, await answer(deps, found, { request, reply, address }), indent);
        } catch (error) {
          if (!(error instanceof Refusal)) return sendEdxError(request, reply, error);
          void reply.headers(error.headers);
          return send(request, reply, error, indent);
        }
      },
    });
}

/** Those that callers of that API know; some are answered 405 everywhere. */
const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'] as const;

/** Methods that write nothing to the LMS, whoever's page sends them. */
const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Found {
  route: Route;
  parts: Readonly<Record<string, string>>;
}

/** One slash may follow, and no more. */
function findRoute(routes: readonly Route[], version: Version, request: FastifyRequest): Found | undefined {
  const [path = ''] = (request.raw.url ?? '').slice(`/api/${version}/`.length).split('?');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path.replace(/\/$/, ''));
  } catch {
    return undefined;
  }
  for (const route of routes) {
    const match = route.versions.includes(version) && route.pattern.exec(decoded);
    if (match) return { route, parts: { ...match.groups } };
  }
  return undefined;
}

async function answer(
  deps: RegistrarDeps,
  { route, parts }: Found,
  { request, reply, address }: { request: FastifyRequest; reply: FastifyReply; address: URL },
): Promise<RegistrarAnswer> {
  const viewer = await deps.authenticate(request.raw, reply.raw, {
    admitsRestricted: false,
    admitsLmsTokens: true,
  });
  if (viewer.via === 'nobody') throw notAuthenticated();
  if (route.isForStaff && !isStaff(viewer)) throw notFound();
  const { method } = request;
  if (viewer.via === 'session' && !harmless.has(method) && isFromElsewhere(request.headers, deps.publicUrl))
    throw forbidden(`CSRF Failed: ${howToBeOwn}`);
  const endpoint = endpointOf(route, method);
  const program = parts.program === undefined ? undefined : await requireProgram(deps, parts.program);
  if (program) await requirePermission(deps, viewer, program, endpoint?.permission ?? route.methods.GET?.permission);
  if (method === 'OPTIONS') {
    void reply.header('allow', allowedMethods(route).join(', '));
    return { status: 200, body: { renders: ['application/json'], parses: ['application/json'] } };
  }
  if (!endpoint) throw methodNotAllowed(method, allowedMethods(route));
  const call: RegistrarCall = {
    viewer,
    address,
    ip: request.ip,
    parts,
    readJson: () => readJsonBody(request.raw),
    readFile: (take) => readUploadedFile(request.raw, take),
  };
  if (endpoint.permission === undefined) return endpoint.handle(call);
  if (!program) throw new Error('this address names no program');
  return endpoint.handle({ ...call, program });
}

function endpointOf(route: Route, method: string) {
  if (method === 'HEAD') return route.methods.GET?.isSafe ? route.methods.GET : undefined;
  return route.methods[method as Method];
}

/** By the role, and by the scope where a token has scopes. */
function isStaff({ roles, scopes }: Viewer): boolean {
  return roles.has('STAFF') && (scopes === undefined || scopes.has('programs:write'));
}

/** @returns the program as Discovery describes it now */
async function requireProgram({ programs }: RegistrarDeps, key: string): Promise<Program> {
  const program = await programs.findByKey(key);
  if (!program) throw notFound();
  const [described] = await programs.describe([program], { purpose: 'request' });
  return described?.program ?? program;
}

async function requirePermission(
  { permissions }: RegistrarDeps,
  viewer: Viewer,
  program: Program,
  permission: ProgramPermission | undefined,
): Promise<void> {
  const granted = (await permissions.of(viewer, [program])).get(program.id) ?? new Set();
  if (permission && !effectivePermissions(program, granted).has(permission)) throw forbidden();
}

function send(
  { method }: FastifyRequest,
  reply: FastifyReply,
  { status, body }: RegistrarAnswer,
  indent: number,
): FastifyReply {
  void reply.code(status);
  if (body === undefined) return reply.send();
  void reply.type('application/json');
  const text = JSON.stringify(body, null, indent);
  // The length is told, as for GET.
  if (method === 'HEAD') void reply.header('content-length', Buffer.byteLength(text));
  return reply.send(method === 'HEAD' ? '' : text);
}
