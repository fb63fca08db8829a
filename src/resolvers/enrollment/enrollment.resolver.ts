import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import { matchesFilter } from '../../services/enrollment/filter.js';
import { Access } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import { CertificateType } from '../certificate/certificate.type.js';
import { knownCertificates } from '../certificate/known-certificates.js';
import type { GraphContext } from '../context.js';
import { CourseRunType, toCourseRun } from '../course-run/course-run.type.js';
import { GradeType } from '../grade/grade.type.js';
import { knownGrade } from '../grade/known-grade.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { pageOfList } from '../page/page-of-list.js';
import { readPage } from '../page/read-page.js';
import { readProgressFilter } from '../progress-filter.js';
import { Freshness } from '../upstream/freshness.type.js';
import { EnrollmentFilter } from './enrollment.input.js';
import {
  EnrollmentEventType,
  EnrollmentType,
  learningAccess,
  toEnrollment,
  toEnrollmentEvent,
} from './enrollment.type.js';
import { EnrollmentConnection, type EnrollmentPage } from './enrollment-connection.type.js';
import { fetchAhead } from './fetch-ahead.js';
import { knownEnrollments } from './known-enrollments.js';

@Resolver(() => EnrollmentType)
export class EnrollmentResolver {
  @Access({ scope: 'learning:read', role: 'STAFF' })
  @Query(() => EnrollmentConnection, { description: 'All enrollments that Portico knows of, oldest first.' })
  async enrollments(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => EnrollmentFilter, { nullable: true, description: 'Which enrollments.' })
    filter: EnrollmentFilter | null,
    @Ctx() { services }: GraphContext,
  ): Promise<EnrollmentPage> {
    const found = await services.enrollments.list(readEnrollmentFilter(filter), readPage(page));
    return { ...toConnection(found, toEnrollment), freshness: null };
  }

  @FieldResolver(() => AccountType, {
    nullable: true,
    description: 'Whose enrollment it is; null when no account is linked to the LMS user.',
  })
  async account(@Root() enrollment: EnrollmentType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = enrollment.ownerId === null ? undefined : await stored.account.load(enrollment.ownerId);
    return row ? toAccount(row) : null;
  }

  @FieldResolver(() => CourseRunType, { description: 'The course run.' })
  courseRun(@Root() enrollment: EnrollmentType): CourseRunType {
    return toCourseRun(enrollment.courseKey);
  }

  @FieldResolver(() => GradeType, {
    nullable: true,
    complexity: 3,
    description:
      'Exact grade, live; while the LMS cannot be asked, as it was last seen. Null while the learner does not take part.',
  })
  async grade(@Root() enrollment: EnrollmentType, @Ctx() context: GraphContext): Promise<GradeType | null> {
    const { confirmedByLms, state } = enrollment;
    return confirmedByLms && state === 'ACTIVE' ? knownGrade(enrollment, context) : null;
  }

  @FieldResolver(() => CertificateType, {
    nullable: true,
    complexity: 2,
    description:
      'Certificate that was earned, live; while the LMS cannot be asked, as it was last seen. Null without one, and when it was revoked.',
  })
  async certificate(@Root() enrollment: EnrollmentType, @Ctx() context: GraphContext): Promise<CertificateType | null> {
    if (!enrollment.confirmedByLms) return null;
    const earned = await knownCertificates(enrollment, context);
    return earned.find(({ courseKey }) => courseKey === enrollment.courseKey) ?? null;
  }

  @FieldResolver(() => [EnrollmentEventType], { description: 'Every change, oldest first.' })
  async history(@Root() enrollment: EnrollmentType, @Ctx() { stored }: GraphContext): Promise<EnrollmentEventType[]> {
    const { rowId } = enrollment;
    return rowId === null ? [] : (await stored.enrollmentHistory.load(rowId)).map(toEnrollmentEvent);
  }
}

@Resolver(() => AccountType)
export class AccountLearningResolver {
  @Access(learningAccess)
  @FieldResolver(() => EnrollmentConnection, {
    nullable: true,
    complexity: 3,
    description: 'Enrollments in the LMS and those asked for here, newest first; null while they are unknown.',
  })
  async enrollments(
    @Root() account: AccountType,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => EnrollmentFilter, { nullable: true, description: 'Which enrollments.' })
    filter: EnrollmentFilter | null,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<EnrollmentPage> {
    const page = readPage(args);
    const asked = readEnrollmentFilter(filter);
    const { states, ...more } = asked;
    const isWhole = Object.keys(more).length === 0 && page.after === undefined && page.before === undefined;
    const wantsActive = states?.includes('ACTIVE') ?? true;
    const { rows, freshness } = await knownEnrollments(account.ownerId, context, (seen) => {
      const shown = states ? seen.filter(({ isActive }) => isActive) : seen;
      if (isWhole && wantsActive) fetchAhead(shown, { info, size: page.size }, context);
    });
    const wanted = rows.filter((row) => matchesFilter(row, asked, new Date()));
    return { ...toConnection(pageOfList(wanted, page), toEnrollment), freshness };
  }

  @Access(learningAccess)
  @FieldResolver(() => [CertificateType], {
    nullable: true,
    complexity: 2,
    description: 'Certificates that were earned, live; while the LMS cannot be asked, as they were last seen.',
  })
  async certificates(@Root() account: AccountType, @Ctx() context: GraphContext): Promise<CertificateType[]> {
    const { ownerId } = account;
    const lmsUsername = (await context.stored.edxLinkOf.load(ownerId))?.edxUsername;
    return lmsUsername ? knownCertificates({ ownerId, lmsUsername }, context) : [];
  }
}

/** What a filter of a client asks for. */
export function readEnrollmentFilter(filter: EnrollmentFilter | null): Parameters<typeof matchesFilter>[1] {
  const { states, courseKeys, unfulfilled, ...others } = filter ?? {};
  return {
    ...(states && { states }),
    ...(courseKeys && { courseKeys }),
    ...(unfulfilled != null && { isUnfulfilled: unfulfilled }),
    ...readProgressFilter(others),
  };
}

@Resolver(() => EnrollmentConnection)
export class EnrollmentConnectionResolver {
  @FieldResolver(() => Freshness, {
    nullable: true,
    description: 'How recent the LMS’s list behind it is; null for a list that is kept in Portico alone.',
  })
  freshness(@Root() page: EnrollmentPage): Freshness | null {
    return page.freshness;
  }
}

@Resolver(() => EnrollmentEventType)
export class EnrollmentEventResolver {
  @Access({ scope: 'accounts:read', role: 'STAFF' })
  @FieldResolver(() => AccountType, { nullable: true, description: 'Who did it; null for Portico itself.' })
  async actor(@Root() event: EnrollmentEventType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = event.actorId ? await stored.account.load(event.actorId) : undefined;
    return row ? toAccount(row) : null;
  }
}
