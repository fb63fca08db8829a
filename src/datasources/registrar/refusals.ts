import { UpstreamRejectedError, UpstreamUnavailableError } from '../../errors.js';
import { isObject } from '../lms/refusals.js';
import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { readProgram } from './programs.js';
import type { RegistrarClient, RegistrarOperation } from './registrar-client.js';

/**
 * The body of an answer about one program.
 *
 * @throws UpstreamRejectedError on any 4xx; of 403, {@link explainForbidden} says what it means
 */
export function acceptedOfProgram(operation: RegistrarOperation, key: string, answer: UpstreamAnswer): unknown {
  if (answer.status === 404) throw programNotThere(key, answer);
  if (answer.status >= 400) throw rejected('registrar', operation, answer);
  return answer.body;
}

export function programNotThere(key: string, { body }: Pick<UpstreamAnswer, 'body'>): UpstreamRejectedError {
  return new UpstreamRejectedError(
    `Registrar has no program ${key}, or not this course run in its active curriculum. Its programs are kept in its own administration, by the same keys as here.`,
    { upstream: 'registrar', status: 404, body },
  );
}

/** Whether a Registrar has refused a right. */
export function isForbidden(error: unknown): boolean {
  return error instanceof UpstreamRejectedError && error.upstream === 'registrar' && error.status === 403;
}

/** What a Registrar says is wrong. */
export function detailOf(body: unknown): string {
  const detail = isObject(body) ? body.detail : Array.isArray(body) ? body[0] : body;
  return typeof detail === 'string' ? detail : '';
}

/** The only type of programs whose enrollments a Registrar keeps, by the name that it compares itself. */
const mastersName = 'Masters';

/**
 * Makes of a 403 about enrollments what it means: that there are none in programs of this type, or that the service worker lacks a
 * right. One look at the program tells which.
 */
export async function explainForbidden(
  client: Pick<RegistrarClient, 'request'>,
  key: string,
  options: CallOptions,
): Promise<UpstreamRejectedError | UpstreamUnavailableError> {
  const program = await readProgram(client, key, options).catch(() => undefined);
  const type = program?.program_type;
  if (type != null && type !== mastersName)
    return new UpstreamRejectedError(
      `Registrar keeps enrollments of Masters programs only; ${key} is of the type ${type}.`,
      { upstream: 'registrar', status: 403 },
    );
  const isBlind = program && type == null;
  const what = isBlind
    ? 'Registrar could not ask Discovery what the program is, and remembers that for a day: DELETE /api/internal/cache/ there has it ask again.'
    : "The service worker's user needs the role organization_read_write_enrollments, or program_read_write_enrollments, there.";
  return new UpstreamUnavailableError(`Registrar does not let Portico at the enrollments of ${key}. ${what}`, {
    upstream: 'registrar',
    why: 'credentials',
    status: 403,
  });
}
