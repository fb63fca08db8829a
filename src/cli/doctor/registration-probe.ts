import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { LmsClient } from '../../datasources/lms/lms-client.js';
import { Trouble } from './finding.js';
import { closedRegistration, demandedBrowser } from './registration-checks.js';

const Refusal = Type.Object({ error_code: Type.Optional(Type.String()) });

/**
 * Sends a registration without a single field. The LMS says first whether it registers anybody at all, and only then that the
 * fields are missing, so that nothing is ever made; but it counts as one of the tries that the LMS allows an address.
 *
 * @throws {@link Trouble} when nobody would be registered
 */
export async function probeRegistration(
  { exchange, registrationAccessToken }: Pick<LmsClient, 'exchange' | 'registrationAccessToken'>,
  lmsUrl: string,
): Promise<void> {
  const { status, text } = await exchange(
    {
      method: 'POST',
      path: '/user_api/v1/account/registration/',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(registrationAccessToken && { 'x-access-token': registrationAccessToken }),
      },
      body: '',
      isWrite: false,
    },
    { purpose: 'job' },
  );
  if (status === 400) return;
  if (status !== 403) throw new Trouble(`the LMS answered a registration with ${status}`);
  if (codeOf(text) === 'forbidden-request')
    throw new Trouble('the LMS takes no more registrations from this address', {
      problem: 'throttled',
      advice:
        'Raise the limit in the LMS\'s settings: REGISTRATION_RATELIMIT = "10000/7d" (its own is 60 in seven days), restart the LMS and its cache.',
    });
  // Two settings are refused with a sentence each; there is nothing else to tell them apart by.
  throw /third.party/i.test(text) ? demandedBrowser() : closedRegistration(lmsUrl);
}

function codeOf(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  const body: unknown = JSON.parse(text);
  return Value.Check(Refusal, body) ? body.error_code : undefined;
}
