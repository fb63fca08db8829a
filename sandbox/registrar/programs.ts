import type { Program } from '../catalog/rows.js';
import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { notFound } from '../lms/http/errors.js';
import { numberPage } from '../lms/http/standard-page.js';
import { apiView, type View } from '../lms/http/view.js';
import { versionedPath } from './paths.js';
import type { Registrar } from './registrar-context.js';
import {
  findProgram,
  keptPrograms,
  PERMISSIONS,
  type Permission,
  permissionsOf,
  requirePermission,
  runsOf,
  typeNameOf,
} from './rights.js';

/** Programs of a page of version 3; there is no maximum. */
const PAGE_SIZE = 100;

/** The lists of programs, one program, and its course runs. */
export function programViews(registrar: Registrar): View[] {
  const { lms } = registrar;
  const permission = (call: Call): void => requirePermission(lms, call, 'read_metadata');
  return [
    apiView(versionedPath('programs'), {
      profile: 'P5',
      methods: { GET: (call) => json(listed(registrar, call).map((program) => view(registrar, call, program))) },
    }),
    apiView(/^\/api\/v3\/programs\/?$/u, {
      profile: 'P5',
      methods: {
        GET: (call) =>
          numberPage(call, listed(registrar, call), PAGE_SIZE, (program) => view(registrar, call, program)),
      },
    }),
    apiView(versionedPath('programs/{program_key}'), {
      profile: 'P5',
      permission,
      methods: { GET: (call) => json(view(registrar, call, findProgram(lms, call))) },
    }),
    apiView(versionedPath('programs/{program_key}/courses'), {
      profile: 'P5',
      permission,
      methods: { GET: (call) => courses(registrar, call) },
    }),
  ];
}

function view({ lms }: Registrar, call: Call, program: Program): Record<string, unknown> {
  return {
    program_key: program.marketingSlug,
    program_title: program.title || program.marketingSlug,
    program_url: program.marketingUrl,
    program_type: typeNameOf(lms, program),
    permissions: permissionsOf(lms, call.user, program),
  };
}

/** @throws ApiError 404 for an organization or a permission that does not exist; empty ones are as if absent */
function listed({ lms }: Registrar, call: Call): Program[] {
  const organization = call.argument('org')?.toLowerCase() || null;
  const asked = call.argument('user_has_perm') || 'read_metadata';
  const permission = PERMISSIONS.find((name): name is Permission => name === asked);
  if (organization !== null && lms.state.catalog.organization(organization) === undefined) throw notFound();
  if (permission === undefined) throw notFound();
  const title = call.argument('program_title')?.toLowerCase() || null;
  return keptPrograms(lms)
    .filter(({ organizations }) => organization === null || organizations[0]?.toLowerCase() === organization)
    .filter((program) => permissionsOf(lms, call.user, program).includes(permission))
    .filter((program) => title === null || program.title.toLowerCase().includes(title));
}

function courses({ lms }: Registrar, call: Call): Answer {
  return json(
    runsOf(lms, findProgram(lms, call)).map(({ key, externalKey, title, marketingUrl }) => ({
      course_id: key,
      external_course_key: externalKey,
      course_title: title,
      course_url: marketingUrl,
    })),
  );
}
