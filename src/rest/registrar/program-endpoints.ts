import { type ProgramPermission, programPermissions } from '../../services/partner-grant/partner-roles.js';
import type { ProgramPermissions } from '../../services/partner-grant/program-permissions.js';
import { activeRuns } from '../../services/program/active-runs.js';
import type { Program, ProgramService } from '../../services/program/program.service.js';
import { pageOf } from './page-number.js';
import { notFound } from './refusal.js';
import type { RegistrarCall, Route } from './routes.js';
import { paths } from './routes.js';

export interface ProgramEndpointDeps {
  programs: Pick<ProgramService, 'list' | 'describe' | 'findOrganization'>;
  permissions: Pick<ProgramPermissions, 'of' | 'reachOf'>;
}

/** Only programs of this type have learners here, as Registrar has it; the word that does not depend on a language. */
const mastersSlug = 'masters';

/** What is left of the rights in a program: those of enrollments are for Masters only, whoever asks. */
export function effectivePermissions(
  { typeSlug }: Pick<Program, 'typeSlug'>,
  granted: ReadonlySet<ProgramPermission>,
): Set<ProgramPermission> {
  const isMasters = typeSlug === mastersSlug;
  return new Set([...granted].filter((permission) => isMasters || !permission.endsWith('_ENROLLMENTS')));
}

function describeProgram(program: Program, granted: ReadonlySet<ProgramPermission>): object {
  return {
    program_key: program.key,
    program_title: program.title ?? program.key,
    program_url: program.url ?? null,
    program_type: program.typeName ?? null,
    permissions: [...effectivePermissions(program, granted)].map((permission) => permission.toLowerCase()).sort(),
  };
}

/** Lists of programs, one program, and its course runs. */
export function programRoutes({ programs, permissions }: ProgramEndpointDeps): Route[] {
  const listed = async ({ viewer, address }: RegistrarCall): Promise<object[]> => {
    const filter = await readFilter(address, programs);
    const reach = await permissions.reachOf(viewer, filter.permission);
    const rows = (await programs.list({ organizationId: filter.organizationId })).filter(
      ({ id, organizationId }) =>
        reach === 'everywhere' || reach.organizationIds.includes(organizationId) || reach.programIds.includes(id),
    );
    const described = (await programs.describe(rows, { purpose: 'request' })).map(({ program }) => program);
    const granted = await permissions.of(viewer, described);
    return described
      .filter((program) => effectivePermissions(program, granted.get(program.id) ?? new Set()).has(filter.permission))
      .filter(({ title, key }) => (title ?? key).toLowerCase().includes(filter.title))
      .map((program) => describeProgram(program, granted.get(program.id) ?? new Set()));
  };
  return [
    {
      versions: ['v1', 'v2'],
      pattern: paths.programs,
      methods: { GET: { isSafe: true, handle: async (call) => ({ status: 200, body: await listed(call) }) } },
    },
    {
      versions: ['v3'],
      pattern: paths.programs,
      methods: {
        GET: {
          isSafe: true,
          handle: async (call) => ({ status: 200, body: pageOf(await listed(call), call.address) }),
        },
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.program,
      methods: {
        GET: {
          permission: 'READ_METADATA',
          isSafe: true,
          async handle({ viewer, program }) {
            const granted = await permissions.of(viewer, [program]);
            return { status: 200, body: describeProgram(program, granted.get(program.id) ?? new Set()) };
          },
        },
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.courses,
      methods: {
        GET: {
          permission: 'READ_METADATA',
          isSafe: true,
          handle: async ({ program }) => ({
            status: 200,
            body: activeRuns(program).map(({ courseKey, externalKey, title, url }) => ({
              course_id: courseKey,
              external_course_key: externalKey,
              course_title: title,
              course_url: url,
            })),
          }),
        },
      },
    },
  ];
}

async function readFilter(
  { searchParams }: URL,
  programs: Pick<ProgramService, 'findOrganization'>,
): Promise<{ organizationId: string | undefined; permission: ProgramPermission; title: string }> {
  const org = searchParams.get('org') || undefined;
  const organization = org === undefined ? undefined : await programs.findOrganization(org);
  if (organization === null) throw notFound();
  const wanted = searchParams.get('user_has_perm') || 'read_metadata';
  const permission = programPermissions.find((name) => name.toLowerCase() === wanted);
  if (!permission) throw notFound();
  return {
    organizationId: organization?.id,
    permission,
    title: (searchParams.get('program_title') ?? '').toLowerCase(),
  };
}
