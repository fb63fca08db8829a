import { randomUUID } from 'node:crypto';
import { addOrganization, addProgram } from '../../../sandbox/catalog/add.js';
import { OrganizationEntity } from '../../../src/entities/organization.entity.js';
import { type Program, ProgramEntity } from '../../../src/entities/program.entity.js';
import type { Gateway } from '../../support/start-gateway.js';

export const runs = [
  { courseKey: 'course-v1:DemoU+CS101+2026_T1', externalKey: 'CS101-26' },
  { courseKey: 'course-v1:DemoU+CS102+2026_T2', externalKey: 'CS102-26' },
] as const;

export interface TestProgram {
  program: Program;
  /** What the LMS has, by key. */
  inLms(): Map<string, string>;
}

/** A program that Portico and its sandbox LMS know, of an organization of its own. */
export async function addTestProgram(
  { context, sandbox }: Pick<Gateway, 'context' | 'sandbox'>,
  { isInLms = true, hasCurriculum = true }: { isInLms?: boolean; hasCurriculum?: boolean } = {},
): Promise<TestProgram> {
  const em = context.orm.em.fork();
  const uuid = randomUUID();
  const curriculumUuid = randomUUID();
  const key = `masters-${uuid.slice(0, 8)}`;
  const organization = em.create(OrganizationEntity, { key: `School-${uuid.slice(0, 8)}`, name: 'A school' });
  await em.flush();
  const program = em.create(ProgramEntity, {
    key,
    organizationId: organization.id,
    discoveryUuid: uuid,
    title: 'A program',
    typeSlug: 'masters',
    typeName: 'Masters',
    status: 'active',
    activeCurriculumUuid: hasCurriculum ? curriculumUuid : null,
    details: {
      organizations: [],
      curricula: [
        {
          uuid: curriculumUuid,
          name: 'Curriculum',
          isActive: hasCurriculum,
          programs: [],
          runs: runs.map((run) => ({ ...run, title: null, url: null, course: null })),
        },
      ],
      runs: [],
    },
  });
  await em.flush();
  if (isInLms) {
    addOrganization(sandbox.state, { key: organization.key });
    addProgram(sandbox.state, {
      uuid,
      title: 'A program',
      organizations: [organization.key],
      curricula: [{ uuid: curriculumUuid, courses: ['DemoU+CS101', 'DemoU+CS102'] }],
    });
  }
  return {
    program,
    inLms: () =>
      new Map(sandbox.state.programs.byProgram.of(uuid).map(({ studentKey, status }) => [studentKey ?? '', status])),
  };
}
