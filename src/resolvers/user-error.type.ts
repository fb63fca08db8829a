import { Field, ObjectType } from 'type-graphql';
import { ConflictError, InvalidInputError, NotFoundError, UpstreamRejectedError } from '../errors.js';
import { Access } from './access/access.decorator.js';

/** An outcome that the caller can act on. */
@Access()
@ObjectType('UserError', {
  description: 'Why a mutation did not do what was asked, where the caller can act on it.',
  simpleResolvers: true,
})
export class UserError {
  @Field(() => String, { description: 'Stable word to branch on, e.g. `COURSE_NOT_FOUND`.' })
  code!: string;

  @Field(() => [String], { nullable: true, description: 'Path of the input that is at fault, when it is one.' })
  field!: string[] | null;

  @Field(() => String, { description: 'What is wrong and what can be done, for a person.' })
  message!: string;
}

/**
 * Runs what a mutation does. Outcomes that the caller can act on come back as `userErrors`; faults (an outage, a bug, no
 * right) are thrown on.
 *
 * @param nothing - the payload's fields for when nothing was done
 */
export async function withUserErrors<Payload extends object>(
  nothing: Payload,
  act: () => Promise<Payload>,
): Promise<Payload & { userErrors: UserError[] }> {
  try {
    return { ...(await act()), userErrors: [] };
  } catch (error) {
    return { ...nothing, userErrors: [toUserError(error)] };
  }
}

function toUserError(error: unknown): UserError {
  if (error instanceof InvalidInputError)
    return { code: error.reason, field: error.field.length > 0 ? [...error.field] : null, message: error.message };
  if (error instanceof ConflictError || error instanceof NotFoundError || error instanceof UpstreamRejectedError)
    return { code: error.code, field: null, message: error.message };
  throw error;
}
