import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import { encodePathSegment } from '../upstream/query.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall } from './operations.js';
import { parseBulkRetirement, parseRetirementStatus } from './retirement.wire.js';

/** The LMS does not let Portico do this; why is for its operators to see to. */
export type NotAllowed = 'not-allowed';

/** User API v1 and bulk retirement: for whoever runs retirements at the LMS, by JWT only. */
export interface RetirementWrites {
  /** False when the LMS would not read Portico's token here at all, so that asking is useless. */
  readonly mayRetire: boolean;
  /**
   * Looks whether retirements would work, without starting one.
   *
   * @returns `no-states` when the LMS's retirement states were never set up
   */
  readiness(options: CallOptions): Promise<'ready' | 'no-states' | NotAllowed>;
  /** @returns the LMS's word for how far the retirement of a user is, e.g. `PENDING`; `none` when there is none */
  retirementState(username: string, options: CallOptions): Promise<string | NotAllowed>;
  /**
   * Queues the retirement of a user: the LMS unties them, ends their tokens, takes their password, and erases them when its own
   * pipeline comes to it. Look with {@link retirementState} before repeating it: a second request fails.
   *
   * @returns `failed` when there is no such user, or the LMS's retirement states were never set up; `not-offered` when the LMS has
   * `ENABLE_BULK_USER_RETIREMENT` off
   */
  requestRetirement(
    username: string,
    options: CallOptions,
  ): Promise<'requested' | 'failed' | 'not-offered' | NotAllowed>;
  /** Takes the password of a user who exists, which ends their single sign-on and tokens at the LMS. Harmless to repeat. */
  deactivateUser(username: string, options: CallOptions): Promise<'deactivated' | NotAllowed>;
}

export function createRetirementWrites(client: LmsClient): RetirementWrites {
  const { retirementCredentials: own, workerJwt } = client;
  const base = (username: string) => `/api/user/v1/accounts/${encodePathSegment(username)}`;

  const ask = async <T>(
    call: Pick<LmsCall<T>, 'operation' | 'method' | 'path' | 'body' | 'isIdempotent' | 'read'>,
    options: CallOptions,
  ): Promise<T> => {
    const shared = { ...call, family: 'retirement' };
    if (!own) return client.request({ ...shared, credentials: 'worker' }, options);
    const authorization = await own.authorization(options);
    const read = (answer: UpstreamAnswer): T => {
      if (answer.status !== 401) return call.read(answer);
      // Fetched anew with the next try.
      own.reject(authorization);
      throw unavailable('lms', 'credentials', { status: 401 });
    };
    return client.request({ ...shared, credentials: { authorization }, read }, options);
  };

  return {
    mayRetire: own !== undefined || workerJwt !== undefined,
    readiness: (options) =>
      ask(
        {
          operation: 'retirement.readiness',
          method: 'GET',
          path: `/api/user/v1/accounts/retirement_queue/?${queueQuery}`,
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 403) return 'not-allowed';
            // All that can be wrong with this question is that the LMS does not know its own first state.
            if (answer.status === 400) return 'no-states';
            accepted('retirement.readiness', answer);
            return 'ready';
          },
        },
        options,
      ),
    retirementState: (username, options) =>
      ask(
        {
          operation: 'retirement.read',
          method: 'GET',
          path: `${base(username)}/retirement_status/`,
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 403) return 'not-allowed';
            if (answer.status === 404) return 'none';
            return parseRetirementStatus(accepted('retirement.read', answer)).current_state.state_name;
          },
        },
        options,
      ),
    requestRetirement: (username, options) =>
      ask(
        {
          operation: 'retirement.request',
          method: 'POST',
          path: '/v1/accounts/bulk_retire_users',
          body: { json: { usernames: username } },
          isIdempotent: false,
          read: (answer) => {
            if (answer.status === 403) return 'not-allowed';
            if (answer.status === 404) return 'not-offered';
            const { successful_user_retirements: done } = parseBulkRetirement(accepted('retirement.request', answer));
            return done.includes(username) ? 'requested' : 'failed';
          },
        },
        options,
      ),
    deactivateUser: (username, options) =>
      ask(
        {
          operation: 'retirement.deactivate',
          method: 'POST',
          path: `${base(username)}/deactivate/`,
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 403) return 'not-allowed';
            accepted('retirement.deactivate', answer);
            return 'deactivated';
          },
        },
        options,
      ),
  };
}

/** Asks for as few people as can be, since who they are is of no interest. */
const queueQuery = new URLSearchParams({ cool_off_days: '3650', states: 'PENDING', limit: '1' });

function accepted(operation: string, answer: UpstreamAnswer): unknown {
  if (answer.status >= 400) throw rejected('lms', operation, answer);
  return answer.body;
}
