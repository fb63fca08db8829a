import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import { CourseKeyScalar } from '../scalars/course-key.scalar.js';
import { UserError, withUserErrors } from '../user-error.type.js';
import { EnrollmentType, toEnrollment } from './enrollment.type.js';

@InputType('SetCourseEmailsInput', { description: 'Who gets the mails of which course run.' })
export class SetCourseEmailsInput {
  @Field(() => CourseKeyScalar, { description: 'Course run that the learner takes part in.' })
  courseKey!: string;

  @Field(() => Boolean, { description: 'Whether mails of its staff are sent to the learner.' })
  receive!: boolean;

  @Field(() => ID, { nullable: true, description: 'Whose mails; one’s own without it. Another’s needs STAFF.' })
  accountId?: string | null;
}

@Access()
@ObjectType('SetCourseEmailsPayload', { description: 'What came of setCourseEmails.', simpleResolvers: true })
export class SetCourseEmailsPayload {
  @Field(() => EnrollmentType, { nullable: true, description: 'The enrollment; the LMS follows by itself.' })
  enrollment!: EnrollmentType | null;

  @Field(() => [UserError], { description: 'What kept it from being asked for; empty when it was.' })
  userErrors!: UserError[];
}

@Resolver()
export class CourseEmailsResolver {
  @Access({ scope: 'learning:write', role: 'STAFF', own: true, owner: ownerByInput })
  @Mutation(() => SetCourseEmailsPayload, {
    description: 'Subscribes a learner to the mails of a course run, or ends that; the LMS follows. Safe to repeat.',
  })
  setCourseEmails(
    @Arg('input', () => SetCourseEmailsInput, { description: 'Who, where, and whether.' })
    { accountId, courseKey, receive }: SetCourseEmailsInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<SetCourseEmailsPayload> {
    const wish = { accountId: requireAccountId(accountId, viewer), courseKey, receives: receive };
    const nothing: Pick<SetCourseEmailsPayload, 'enrollment'> = { enrollment: null };
    return withUserErrors(nothing, async () => ({
      enrollment: toEnrollment(await services.courseEmails.set(wish, actor)),
    }));
  }
}
