/** How long to wait after a refusal that does not say. */
const defaultWaitSeconds = 60;

/**
 * Reads how long a 429 or 503 asks to wait: the `Retry-After` header (seconds or a date), or else the number in the body,
 * since some Django REST framework views drop the header and keep only the sentence "Expected available in 55 seconds."
 *
 * @returns whole seconds, at least 1
 */
export function readRetryAfterSeconds(header: string | string[] | undefined, text: string, now: Date): number {
  const value = Array.isArray(header) ? header[0] : header;
  const fromHeader = value === undefined ? undefined : secondsOf(value, now);
  const fromText = /available in (\d+) second/.exec(text)?.[1];
  return Math.max(1, fromHeader ?? (fromText === undefined ? defaultWaitSeconds : Number(fromText)));
}

function secondsOf(value: string, now: Date): number | undefined {
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.ceil((date - now.getTime()) / 1000);
}
