import { type LmsSettings, MISCONFIGURATIONS, type Misconfiguration } from '../lms/rows.js';
import { InvalidLever } from './invalid-lever.js';

/** The settings as the levers show them. */
export function showSettings({
  registrationLimit,
  tokenLimit,
  throttles,
  oldRelease,
  progressPages,
  gradebookOff,
  nextHost,
  programCache,
  enrollmentReset,
  partnerHosts,
  misconfigured,
}: LmsSettings): Record<string, unknown> {
  return {
    registrationLimit,
    tokenLimit,
    throttles,
    oldRelease,
    // A journal of before these flags has none of them.
    progressPages: progressPages ?? false,
    gradebookOff: gradebookOff ?? false,
    nextHost,
    programCache: programCache ?? true,
    enrollmentReset: enrollmentReset ?? false,
    partnerHosts: partnerHosts ?? {},
    misconfigured,
  };
}

/** Changes what the body names and leaves the rest. @throws InvalidLever */
export function changeSettings(before: LmsSettings, body: Readonly<Record<string, unknown>>, now: Date): LmsSettings {
  const misconfigured = 'misconfigured' in body ? readMisconfigured(body.misconfigured) : before.misconfigured;
  for (const name of Object.keys(body)) {
    if (!(name in showSettings(before)))
      throw new InvalidLever(`"${name}" is no setting; there are ${Object.keys(showSettings(before)).join(', ')}.`);
  }
  return {
    registrationLimit: readNumber(body, 'registrationLimit', before.registrationLimit),
    tokenLimit: readNumber(body, 'tokenLimit', before.tokenLimit),
    throttles: readFlag(body, 'throttles', before.throttles),
    oldRelease: readFlag(body, 'oldRelease', before.oldRelease),
    progressPages: readFlag(body, 'progressPages', before.progressPages ?? false),
    gradebookOff: readFlag(body, 'gradebookOff', before.gradebookOff ?? false),
    nextHost: readHost(body, before.nextHost),
    programCache: readFlag(body, 'programCache', before.programCache ?? true),
    enrollmentReset: readFlag(body, 'enrollmentReset', before.enrollmentReset ?? false),
    partnerHosts: readPartnerHosts(body, before.partnerHosts ?? {}),
    misconfigured,
    tokensExpireBefore: misconfigured.includes('token-expired')
      ? (before.tokensExpireBefore ?? now.toISOString())
      : null,
  };
}

function readMisconfigured(value: unknown): Misconfiguration[] {
  if (!Array.isArray(value)) throw new InvalidLever('"misconfigured" is a list of names.');
  return value.map((each: unknown) => {
    const name = MISCONFIGURATIONS.find((known) => known === each);
    if (name === undefined)
      throw new InvalidLever(`"${each}" cannot be misconfigured; known are ${MISCONFIGURATIONS.join(', ')}.`);
    return name;
  });
}

function readNumber(body: Readonly<Record<string, unknown>>, name: string, before: number): number {
  const value = body[name] ?? before;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new InvalidLever(`"${name}" is a whole number.`);
  return value;
}

function readFlag(body: Readonly<Record<string, unknown>>, name: string, before: boolean): boolean {
  const value = body[name] ?? before;
  if (typeof value !== 'boolean') throw new InvalidLever(`"${name}" is true or false.`);
  return value;
}

function readHost(body: Readonly<Record<string, unknown>>, before: string | null): string | null {
  const value = 'nextHost' in body ? body.nextHost : before;
  if (value !== null && (typeof value !== 'string' || !/^[\w.-]+(:\d+)?$/.test(value)))
    throw new InvalidLever('"nextHost" is a host, with its port if needed, or null.');
  return value;
}

function readPartnerHosts(
  body: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const value = body.partnerHosts ?? before;
  const hosts = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : null;
  if (hosts === null || hosts.some(([, partner]) => typeof partner !== 'string'))
    throw new InvalidLever('"partnerHosts" maps host names to the short codes of partners.');
  return Object.fromEntries(hosts.map(([host, partner]) => [host, String(partner)]));
}
