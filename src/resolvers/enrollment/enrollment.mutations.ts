import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Enrollment } from '../../entities/enrollment.entity.js';
import type { Actor } from '../../services/actor.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import type { GraphServices } from '../services.js';
import { withUserErrors } from '../user-error.type.js';
import {
  ChangeEnrollmentModeInput,
  ChangeEnrollmentModePayload,
  EnrollInCourseInput,
  EnrollInCoursePayload,
  UnenrollFromCourseInput,
  UnenrollFromCoursePayload,
} from './enrollment.input.js';
import { toEnrollment } from './enrollment.type.js';

const enrollingAccess: FieldAccess = { scope: 'learning:write', role: 'STAFF', own: true, owner: ownerByInput };

@Resolver()
export class EnrollmentMutations {
  @Access(enrollingAccess)
  @Mutation(() => EnrollInCoursePayload, {
    description: 'Asks for an enrollment and answers at once; the LMS follows by itself. Safe to repeat.',
  })
  enrollInCourse(
    @Arg('input', () => EnrollInCourseInput, { description: 'Who and where.' }) input: EnrollInCourseInput,
    @Ctx() context: GraphContext,
  ): Promise<EnrollInCoursePayload> {
    return ask(input, context, ({ enrollments }, request, actor) => enrollments.request(request, actor));
  }

  @Access(enrollingAccess)
  @Mutation(() => UnenrollFromCoursePayload, {
    description: 'Ends an enrollment and answers at once; the LMS follows by itself. Safe to repeat.',
  })
  unenrollFromCourse(
    @Arg('input', () => UnenrollFromCourseInput, { description: 'Who and where.' }) input: UnenrollFromCourseInput,
    @Ctx() context: GraphContext,
  ): Promise<UnenrollFromCoursePayload> {
    return ask(input, context, ({ enrollments }, request, actor) => enrollments.unenroll(request, actor));
  }

  @Access(enrollingAccess)
  @Mutation(() => ChangeEnrollmentModePayload, {
    description: 'Asks for another mode and answers at once; the LMS follows by itself. Safe to repeat.',
  })
  changeEnrollmentMode(
    @Arg('input', () => ChangeEnrollmentModeInput, { description: 'Who, where and which mode.' })
    input: ChangeEnrollmentModeInput,
    @Ctx() context: GraphContext,
  ): Promise<ChangeEnrollmentModePayload> {
    return ask(input, context, ({ enrollments }, request, actor) =>
      enrollments.changeMode({ ...request, mode: input.mode }, actor),
    );
  }
}

type EnrollmentRequest = Parameters<GraphServices['enrollments']['request']>[0];
type Act = (services: GraphServices, request: EnrollmentRequest, actor: Actor) => Promise<Enrollment>;

function ask(
  input: EnrollInCourseInput | UnenrollFromCourseInput,
  context: GraphContext,
  act: Act,
): Promise<EnrollInCoursePayload> {
  const { viewer, services, actor } = context;
  const { courseKey, idempotencyKey, mode, force } = { mode: null, force: null, ...input };
  const request: EnrollmentRequest = {
    accountId: requireAccountId(input.accountId, viewer),
    courseKey,
    ...(mode != null && { mode }),
    ...(force != null && { force }),
    ...(idempotencyKey != null && { idempotencyKey }),
  };
  return withUserErrors<Pick<EnrollInCoursePayload, 'enrollment'>>({ enrollment: null }, async () => ({
    enrollment: toEnrollment(await act(services, request, actor)),
  }));
}
