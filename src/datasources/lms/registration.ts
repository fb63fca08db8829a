import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { LmsClient } from './lms-client.js';
import { isMessages, parseDecisions, parseRefusal, parseRegistered } from './registration.wire.js';

/** Form fields of a registration, in the LMS's own names; unset ones are not sent. */
export interface RegistrationForm {
  username: string;
  email: string;
  name: string;
  /** Needed when no provider is named. */
  password?: string | undefined;
  /** Only for someone who agreed. */
  honorCode?: boolean | undefined;
  /** Backend name, e.g. `ol-oauth2`, not the provider id; with {@link accessToken}. */
  provider?: string | undefined;
  /** The LMS asks Portico with it for the person's details, while the registration waits. */
  accessToken?: string | undefined;
  /** ISO 3166 alpha-2, upper case. */
  country?: string | undefined;
  yearOfBirth?: number | undefined;
  gender?: string | undefined;
  levelOfEducation?: string | undefined;
}

/**
 * What the LMS decided about a registration.
 *
 * - `created`: the account exists; old releases do not say its id.
 * - `duplicate`: e-mail or username belong to another account, retired ones included; `suggestions` are free usernames.
 * - `invalid`: fields that can never pass as sent; `code` is the LMS's, e.g. `validation-error`, `invalid-country`.
 * - `link-refused`: the provider token was not accepted (`tpa-invalid-access-token`: also when the LMS could not reach
 *   Portico), or its identity is linked to another LMS user (`tpa-token-already-associated`).
 * - `refused`: a plug-in of the LMS said no.
 */
export type RegistrationOutcome =
  | { kind: 'created'; username: string | undefined; userId: number | undefined }
  | { kind: 'duplicate'; email: boolean; username: boolean; suggestions: string[] }
  | { kind: 'invalid'; code: string; fields: Record<string, string[]> }
  | { kind: 'link-refused'; code: LinkRefusal }
  | { kind: 'refused'; messages: string[] };

const linkRefusals = [
  'tpa-missing-access-token',
  'tpa-invalid-access-token',
  'tpa-token-already-associated',
  'tpa-session-expired',
] as const;
export type LinkRefusal = (typeof linkRefusals)[number];

export interface RegistrationDecisions {
  /** By field: empty when it would pass, else a sentence for people. */
  decisions: Record<string, string>;
  suggestions: string[];
}

export interface RegistrationWrites {
  /**
   * Creates an LMS account. Never repeated by itself: after an error with `mayHaveHappened` look first whether it exists.
   *
   * @throws UpstreamUnavailableError - `throttled` (403 `forbidden-request`; the limit is per week and address),
   *   `credentials` (registration is closed, or wants a browser), `server-error` (may have happened), `timeout`, …
   */
  registerUser(form: RegistrationForm, options: CallOptions): Promise<RegistrationOutcome>;
  /** Asks whether values would pass; limited to few calls a week and address. */
  validateRegistration(
    fields: Partial<Record<'username' | 'email' | 'name' | 'password' | 'country', string>>,
    options: CallOptions,
  ): Promise<RegistrationDecisions>;
}

/** The LMS's limits are per seven days; when room comes back it does not say. */
const limitRetrySeconds = 3600;

export function createRegistrationWrites(client: LmsClient): RegistrationWrites {
  const edgeHeaders: Record<string, string> =
    client.registrationAccessToken === undefined ? {} : { 'x-access-token': client.registrationAccessToken };
  return {
    registerUser: (form, options) =>
      client.request(
        {
          operation: 'registration.create',
          family: 'registration',
          method: 'POST',
          // Without the slash the redirect would turn it into reading the form, which looks like success.
          path: '/user_api/v1/account/registration/',
          body: { form: toFields(form) },
          headers: edgeHeaders,
          credentials: 'none',
          isIdempotent: false,
          read: readOutcome,
        },
        options,
      ),
    validateRegistration: (fields, options) =>
      client.request(
        {
          operation: 'registration.validate',
          family: 'registration',
          method: 'POST',
          path: '/api/user/v1/validation/registration',
          body: { json: fields },
          headers: edgeHeaders,
          credentials: 'none',
          isIdempotent: true,
          read: (answer) => {
            if (answer.status === 403)
              throw unavailable('lms', 'throttled', { status: 403, retryAfterSeconds: limitRetrySeconds });
            if (answer.status >= 400) throw rejected('lms', 'registration.validate', answer);
            const body = parseDecisions(answer.body);
            return { decisions: body.validation_decisions, suggestions: body.username_suggestions ?? [] };
          },
        },
        options,
      ),
  };
}

function toFields(form: RegistrationForm): Record<string, string> {
  const fields = {
    username: form.username,
    email: form.email,
    name: form.name,
    password: form.password,
    honor_code: form.honorCode ? 'true' : undefined,
    provider: form.provider,
    access_token: form.accessToken,
    country: form.country,
    year_of_birth: form.yearOfBirth?.toString(),
    gender: form.gender,
    level_of_education: form.levelOfEducation,
  };
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function readOutcome(answer: UpstreamAnswer): RegistrationOutcome {
  if (answer.status < 300) {
    if (answer.body === undefined)
      throw unavailable('lms', 'bad-answer', { status: answer.status, mayHaveHappened: true });
    const { authenticated_user: user } = parseRegistered(answer.body);
    return { kind: 'created', username: user?.username ?? undefined, userId: user?.user_id ?? undefined };
  }
  if (!answer.isJson) {
    // Plain text: account creation is switched off, or third-party sign-in in a browser is demanded.
    const why = answer.status === 403 ? 'credentials' : 'bad-answer';
    throw unavailable('lms', why, { status: answer.status });
  }
  const refusal = parseRefusal(answer.body);
  if (refusal.error_code === 'forbidden-request')
    throw unavailable('lms', 'throttled', { status: answer.status, retryAfterSeconds: limitRetrySeconds });
  if (refusal.error_message) return { kind: 'refused', messages: messagesOf(refusal.error_message) };
  if (answer.status === 409)
    return {
      kind: 'duplicate',
      email: refusal.email !== undefined,
      username: refusal.username !== undefined,
      suggestions: refusal.username_suggestions ?? [],
    };
  const linkRefusal = linkRefusals.find((code) => code === refusal.error_code);
  if (linkRefusal) return { kind: 'link-refused', code: linkRefusal };
  if (answer.status !== 400) throw rejected('lms', 'registration.create', answer);
  const fields = Object.entries(refusal).flatMap(([field, value]) =>
    isMessages(value) ? [[field, messagesOf(value)] as const] : [],
  );
  return { kind: 'invalid', code: refusal.error_code ?? 'validation-error', fields: Object.fromEntries(fields) };
}

function messagesOf(messages: { user_message: string }[]): string[] {
  return messages.map((message) => message.user_message);
}
