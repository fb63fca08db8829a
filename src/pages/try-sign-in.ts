import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticationMethod } from '../access/sign-in.js';
import { RateLimitedError } from '../errors.js';
import type { Account } from '../services/account/account.service.js';
import type { Authentication } from '../services/account/sign-in.js';
import type { PasskeyAuthentication } from '../services/passkey/sign-in.js';
import type { FixedText } from '../words/words.js';
import { browserSecretOf } from './form-guard.js';
import type { PageDeps } from './page-deps.js';
import type { SecondStep } from './second-step.js';
import { readForm } from './visit.js';

/** What comes after the sign-in page. `proven`: nothing more is asked of the person. */
export type SignInAttempt =
  | { outcome: 'proven'; account: Account; methods: AuthenticationMethod[] }
  | { outcome: 'second-step' }
  | { outcome: 'refused'; message: string };

/**
 * Takes the form of the sign-in page, password or passkey, and gives the answer the status that goes with the result. A
 * passkey that checked the person is two factors already: there is no second step after it.
 */
export async function trySignIn(
  {
    accounts,
    passkeys,
    config,
    secondStep,
  }: Pick<PageDeps, 'accounts' | 'passkeys' | 'config'> & {
    secondStep: Pick<SecondStep, 'begin'>;
  },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignInAttempt> {
  const { identifier = '', password = '', passkey = '' } = readForm(request.body);
  try {
    if (passkey) {
      const browser = browserSecretOf(request, config.http.publicUrl);
      const result = await passkeys.authenticate(passkey, browser, request.ip);
      if (result.outcome === 'success') return { outcome: 'proven', account: result.account, methods: result.methods };
      return refuse(reply, 422, reply.request.words(refusalOf(result)));
    }
    const result = await accounts.authenticate(identifier, password, request.ip);
    if (result.outcome !== 'success') return refuse(reply, 422, reply.request.words(refusalOf(result)));
    if (await secondStep.begin(result.account, reply)) return { outcome: 'second-step' };
    return { outcome: 'proven', account: result.account, methods: ['pwd'] };
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    reply.header('retry-after', error.retryAfterSeconds);
    return refuse(reply, 429, reply.request.words.ofError(error));
  }
}

function refuse(reply: FastifyReply, status: number, message: string): SignInAttempt {
  reply.code(status);
  return { outcome: 'refused', message };
}

const inactive = {
  DEACTIVATED: 'This account was deactivated. Ask for help to have it opened again.',
  BLOCKED: 'This account was blocked. Ask for help if you think that this is a mistake.',
  RETIRED: 'This account was closed for good.',
} as const;

/** Why a sign-in was refused, in words for the person. Never tells whether the account exists. */
function refusalOf(result: Exclude<Authentication | PasskeyAuthentication, { outcome: 'success' }>): FixedText {
  switch (result.outcome) {
    case 'wrong':
      return 'E-mail address, username or password is not right. Check them and try again.';
    case 'wrong-passkey':
      return 'This passkey was not accepted: it is not known here, or it took too long. Try again, or use your password.';
    case 'suspended-passkey':
      return 'This passkey was stopped, since there may be a copy of it. Use your password and a recovery code.';
    case 'inactive':
      return inactive[result.status];
  }
}
