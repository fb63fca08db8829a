import { Arg, Args, Ctx, Field, FieldResolver, InputType, Resolver, Root } from 'type-graphql';
import type { ProgramEnrollmentStatus } from '../../entities/program-enrollment.entity.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, accountAccess } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { ProgressType, toProgress } from '../enrollment/progress.type.js';
import { GradeType } from '../grade/grade.type.js';
import { knownGrade } from '../grade/known-grade.js';
import { LearnerLinkType, toLearnerLink } from '../learner-link/learner-link.type.js';
import { visibleEnrollments } from '../learner-link/may-see-learner.js';
import { programAccess } from '../organization/organization.type.js';
import { type ConnectionOf, toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { pageOfList } from '../page/page-of-list.js';
import { readPage } from '../page/read-page.js';
import { ProgramType, toProgram } from '../program/program.type.js';
import { ProgramEnrollmentStatusEnum } from '../program-write/enrollment-status.enum.js';
import {
  ProgramCourseEnrollmentType,
  ProgramEnrollmentConnection,
  ProgramEnrollmentType,
  toProgramCourseEnrollment,
  toProgramEnrollment,
} from './program-enrollment.type.js';

@InputType('ProgramEnrollmentFilter', { description: 'Which enrollments: all that is given must hold.' })
export class ProgramEnrollmentFilter {
  @Field(() => [ProgramEnrollmentStatusEnum], { nullable: true, description: 'In any of these statuses.' })
  statuses?: Uppercase<ProgramEnrollmentStatus>[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is known who the learner is.' })
  linked?: boolean | null;

  @Field(() => [String], { nullable: true, description: 'Of these learners, by external key in any letter case.' })
  externalKeys?: string[] | null;

  @Field(() => Date, { nullable: true, description: 'Written or read then or later.' })
  updatedSince?: Date | null;
}

/** Learners of a program. */
@Resolver(() => ProgramType)
export class ProgramLearnersResolver {
  @Access(programAccess)
  @FieldResolver(() => ProgramEnrollmentConnection, {
    nullable: true,
    complexity: 3,
    description: 'Learners of the program, in the order in which they became known here.',
  })
  async enrollments(
    @Root() { row }: ProgramType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ProgramEnrollmentFilter, { nullable: true, description: 'Which enrollments.' })
    filter: ProgramEnrollmentFilter | null,
    @Ctx() { services, viewer }: GraphContext,
  ): Promise<ConnectionOf<ProgramEnrollmentType>> {
    await services.programPermissions.require(viewer, row, 'READ_ENROLLMENTS');
    await services.programLearners.keepFresh(row, { purpose: 'request' });
    const { statuses, linked, externalKeys, updatedSince } = filter ?? {};
    const found = await services.programEnrollments.list(
      row.id,
      {
        statuses: statuses?.map((status) => status.toLowerCase() as ProgramEnrollmentStatus),
        isLinked: linked ?? undefined,
        externalKeys: externalKeys ?? undefined,
        updatedSince: updatedSince ?? undefined,
      },
      readPage(page),
    );
    return toConnection(found, toProgramEnrollment);
  }
}

@Resolver(() => ProgramEnrollmentType)
export class ProgramEnrollmentResolver {
  @FieldResolver(() => ProgramType, { description: 'The program.' })
  async program(@Root() { row }: ProgramEnrollmentType, @Ctx() { programs }: GraphContext): Promise<ProgramType> {
    const program = await programs.program.load(row.programId);
    if (!program) throw new Error(`the program ${row.programId} is gone`);
    return toProgram(program);
  }

  @FieldResolver(() => LearnerLinkType, { description: 'The learner.' })
  async learner(@Root() { row }: ProgramEnrollmentType, @Ctx() { programs }: GraphContext): Promise<LearnerLinkType> {
    const learner = await programs.learner.load(row.learnerLinkId);
    if (!learner) throw new Error(`the learner ${row.learnerLinkId} is gone`);
    return toLearnerLink(learner);
  }

  @FieldResolver(() => [ProgramCourseEnrollmentType], {
    nullable: true,
    complexity: 2,
    description: 'The course runs that the learner takes within the program.',
  })
  async courseEnrollments(
    @Root() { row }: ProgramEnrollmentType,
    @Ctx() { programs }: GraphContext,
  ): Promise<ProgramCourseEnrollmentType[]> {
    const rows = await programs.coursesOfEnrollment.load(row.id);
    return rows.map((course) => toProgramCourseEnrollment(course, row.learnerLinkId));
  }
}

@Resolver(() => ProgramCourseEnrollmentType)
export class ProgramCourseEnrollmentResolver {
  @FieldResolver(() => GradeType, {
    nullable: true,
    complexity: 3,
    description: 'The grade, live. Null while it is not known who the learner is, or there is none.',
  })
  async grade(
    @Root() { courseKey, learnerLinkId }: ProgramCourseEnrollmentType,
    @Ctx() context: GraphContext,
  ): Promise<GradeType | null> {
    const learner = await context.programs.learner.load(learnerLinkId);
    if (learner?.lmsUsername == null) return null;
    return knownGrade({ ownerId: learner.accountId ?? null, lmsUsername: learner.lmsUsername, courseKey }, context);
  }

  @FieldResolver(() => ProgressType, {
    nullable: true,
    complexity: 3,
    description: 'How far the learner has come, live. Null while it is not known who the learner is.',
  })
  async completion(
    @Root() { courseKey, learnerLinkId, status }: ProgramCourseEnrollmentType,
    @Ctx() { programs, learning }: GraphContext,
  ): Promise<ProgressType | null> {
    const learner = await programs.learner.load(learnerLinkId);
    if (learner?.lmsUsername == null || status !== 'ACTIVE') return null;
    const username = learner.lmsUsername;
    const userId = learner.lmsUserId ?? (await learning.lmsUser.load(username)).value?.id ?? undefined;
    return toProgress(await learning.progress.load({ username, courseKey, userId }));
  }
}

/** Programs that a person takes part in. */
@Resolver(() => AccountType)
export class AccountProgramsResolver {
  @Access({ ...accountAccess, scope: 'programs:read' })
  @FieldResolver(() => ProgramEnrollmentConnection, {
    complexity: 3,
    description:
      'Programs that the person takes part in, at all organizations: one’s own, else those that the caller may see.',
  })
  async programEnrollments(
    @Root() { ownerId }: AccountType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: GraphContext,
  ): Promise<ConnectionOf<ProgramEnrollmentType>> {
    const { programs } = context;
    const links = await programs.learnersOfAccount.load(ownerId);
    const visible = await Promise.all(
      links.map(async (link) => visibleEnrollments(await programs.enrollmentsOfLearner.load(link.id), link, context)),
    );
    return toConnection(pageOfList(visible.flat(), readPage(page)), toProgramEnrollment);
  }
}
