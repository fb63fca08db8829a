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
  misconfigured,
}: LmsSettings): Record<string, unknown> {
  return {
    registrationLimit,
    tokenLimit,
    throttles,
    oldRelease,
    // A journal of before these flags has neither.
    progressPages: progressPages ?? false,
    gradebookOff: gradebookOff ?? false,
    nextHost,
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
