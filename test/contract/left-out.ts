import type { RecordedExchange } from './recordings/exchange.js';

interface LeftOut {
  readonly file: string;
  /** A heading, or what several have in common; without it the whole file. */
  readonly heading?: string | RegExp;
  readonly reason: string;
}

/** Recorded exchanges that are not replayed, and why. Nothing at present. An entry that matches nothing fails the test. */
export const LEFT_OUT: readonly LeftOut[] = [];

export function matchesLeftOut({ file, heading }: LeftOut, exchange: RecordedExchange): boolean {
  if (file !== exchange.file) return false;
  if (heading === undefined) return true;
  return typeof heading === 'string' ? heading === exchange.heading : heading.test(exchange.heading);
}
