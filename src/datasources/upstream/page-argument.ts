import type { UpstreamName } from '../../errors.js';
import { unavailable } from './failure.js';

/**
 * Takes the cursor or page number out of a `next` link. The link itself is never followed: behind a proxy it may name a
 * host inside, and following it would carry the token wherever it points.
 *
 * @param next - absolute or relative URL, or null on the last page
 * @returns undefined when there is no further page
 * @throws UpstreamUnavailableError (`bad-answer`) when there is a link without the argument
 */
export function readPageArgument(
  upstream: UpstreamName,
  next: string | null,
  argument: 'cursor' | 'page',
): string | undefined {
  if (next === null) return undefined;
  const value = URL.canParse(next, 'http://upstream.invalid')
    ? new URL(next, 'http://upstream.invalid').searchParams.get(argument)
    : null;
  if (value === null || value === '')
    throw unavailable(upstream, 'bad-answer', { cause: new Error(`a next link without ${argument}`) });
  return value;
}

/** Ends a list that does not end: a cursor that comes back, or more pages than any real list has. */
export class PageGuard {
  readonly #seen = new Set<string>();
  constructor(
    private readonly upstream: UpstreamName,
    private readonly maxPages: number,
  ) {}

  /** @throws UpstreamUnavailableError (`bad-answer`) instead of going round in circles */
  follow(argument: string): string {
    if (this.#seen.has(argument) || this.#seen.size >= this.maxPages)
      throw unavailable(this.upstream, 'bad-answer', { cause: new Error('a list of pages that does not end') });
    this.#seen.add(argument);
    return argument;
  }
}
