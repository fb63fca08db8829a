import { Type } from 'typebox';
import { UpstreamRejectedError } from '../../errors.js';
import type { LmsClient } from '../lms/lms-client.js';
import { accepted } from '../lms/refusals.js';
import type { CallOptions } from '../upstream/call.js';
import { createParser } from '../upstream/parser.js';

/** Ties learners of a program to LMS users, as the LMS's support does it. */
export interface LearnerLinkWrites {
  /**
   * Ties a key to an LMS user in one program. A user who was tied to the key before loses the course enrollments that came from it.
   * Safe to repeat.
   *
   * @throws UpstreamRejectedError with the LMS's own words when it does not do it
   * @see LMS, `POST /support/link_program_enrollments_details/`
   */
  linkLearner(
    learner: { programUuid: string; externalKey: string; username: string },
    options: CallOptions,
  ): Promise<void>;
}

const operation = 'program-learner.link';

const parse = createParser(
  'lms',
  Type.Object({ successes: Type.Array(Type.String()), errors: Type.Array(Type.String()) }),
);

/** The LMS says this of a key that is tied to just this user. */
const alreadyLinked = /is already linked to target account/;

export function createLearnerLinkWrites(client: Pick<LmsClient, 'request'>): LearnerLinkWrites {
  return {
    linkLearner({ programUuid, externalKey, username }, options) {
      return client.request(
        {
          operation,
          family: 'program-learners',
          method: 'POST',
          path: '/support/link_program_enrollments_details/',
          body: { form: { program_uuid: programUuid, username_pair_text: `${externalKey},${username}` } },
          credentials: 'worker',
          isIdempotent: true,
          read(answer) {
            const { successes, errors } = parse(accepted(operation, answer));
            const [error] = errors;
            if (successes.length > 0 || (error !== undefined && alreadyLinked.test(error))) return;
            throw new UpstreamRejectedError(error ?? 'The LMS did not tie the learner to the user.', {
              upstream: 'lms',
              status: answer.status,
            });
          },
        },
        options,
      );
    },
  };
}
