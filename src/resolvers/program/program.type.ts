import { Field, ObjectType } from 'type-graphql';
import type { CurriculumRun, Program } from '../../entities/program.entity.js';
import type { DescribedProgram } from '../../services/program/describe.js';
import { Access } from '../access/access.decorator.js';
import { toGlobalId } from '../global-id.js';
import { Node } from '../node/node.type.js';
import { programAccess, programLearningAccess } from '../organization/organization.type.js';
import { connectionOf } from '../page/connection.type.js';

/** A program. What Discovery says of it is in the resolver. */
@Access(programLearningAccess)
@ObjectType('Program', {
  description: 'A program of an organization: courses that belong together.',
  implements: Node,
  simpleResolvers: true,
})
export class ProgramType extends Node {
  row!: Program;

  @Field(() => String, { description: 'What partners call it by, e.g. `masters-in-cs`.' })
  key!: string;

  @Field(() => String, { description: 'Id in Discovery and the LMS; empty while it is not known.' })
  uuid!: string;
}

@Access(programAccess)
@ObjectType('ProgramCourseRun', {
  description: 'A course run of a program.',
  simpleResolvers: true,
})
export class ProgramCourseRunType {
  @Field(() => String, { description: 'Key of the run in the LMS.' })
  courseKey!: string;

  @Field(() => String, { nullable: true, description: 'The partner’s own key of the run.' })
  externalKey!: string | null;

  @Field(() => String, { nullable: true, description: 'Title of the course run.' })
  title!: string | null;

  @Field(() => String, { nullable: true, description: 'Page that presents it.' })
  url!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Curriculum that it is of; null for runs of the program itself.',
  })
  curriculumUuid!: string | null;

  @Field(() => Boolean, { description: 'Whether learners are enrolled into that curriculum now.' })
  isActive!: boolean;
}

export const ProgramConnection = connectionOf(ProgramType, 'Program', 'programs');

/** A row as a node of the graph. */
export function toProgram(row: Program): ProgramType {
  return Object.assign(new ProgramType(), {
    id: toGlobalId('Program', row.id),
    row,
    key: row.key,
    uuid: row.discoveryUuid ?? '',
  });
}

/** Runs of all curricula, those of active ones first, then runs of the program itself; each once. */
export function toCourseRuns({ program }: DescribedProgram): ProgramCourseRunType[] {
  const { curricula = [], runs = [] } = program.details ?? {};
  const toRun = (run: CurriculumRun, curriculumUuid: string | null, isActive: boolean): ProgramCourseRunType => ({
    courseKey: run.courseKey,
    externalKey: run.externalKey,
    title: run.title,
    url: run.url,
    curriculumUuid,
    isActive,
  });
  const ordered = [...curricula].sort((a, b) => Number(b.isActive) - Number(a.isActive));
  const all = [
    ...ordered.flatMap(({ uuid, isActive, runs: own }) => own.map((run) => toRun(run, uuid, isActive))),
    ...runs.map((run) => toRun(run, null, false)),
  ];
  const first = new Map<string, ProgramCourseRunType>();
  for (const run of all) if (!first.has(run.courseKey)) first.set(run.courseKey, run);
  return [...first.values()];
}
