import type { Instant } from './rows.js';

/** A moment as the LMS prints it: UTC, microseconds only when they are not zero. */
export function toInstant(date: Date): Instant {
  return date
    .toISOString()
    .replace('.000Z', 'Z')
    .replace(/(\.\d{3})Z$/, '$1000Z');
}

/** Orders instants; with or without microseconds. */
export function compareInstants(left: Instant, right: Instant): number {
  // Without the final Z the shorter form, which has no fraction, sorts before the longer ones of the same second.
  const [a, b] = [left.slice(0, -1), right.slice(0, -1)];
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isPast(instant: Instant, now: Date): boolean {
  return Date.parse(instant) < now.getTime();
}
