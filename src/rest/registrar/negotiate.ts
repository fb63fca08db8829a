import { notAcceptable, notFound } from './refusal.js';

/** How the body of an answer is written. */
export interface Rendering {
  /** Spaces a level; 0: in one line. */
  indent: number;
}

/** Types that a caller may name; browsers ask for HTML and get the JSON too. */
const acceptable = new Set(['application/json', 'application/*', 'text/html', '*/*']);

/** More spaces a level than anybody reads. */
const widestIndent = 8;

/**
 * Decides on the form of the answer by the query's `format` and the header `Accept` (`application/json; indent=2` among them).
 *
 * @throws Refusal 404 for another `format` than `json`, 406 for a caller that takes no JSON
 */
export function negotiate(format: string | undefined, accept: string | undefined): Rendering {
  if (format !== undefined && format !== '' && format !== 'json' && format !== 'api') throw notFound();
  const ranges = (accept ?? '*/*').split(',').map(readRange);
  const chosen = ranges.find(({ type }) => acceptable.has(type));
  if (!chosen) throw notAcceptable();
  return { indent: chosen.indent };
}

function readRange(range: string): { type: string; indent: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const indent = parameters.find((parameter) => parameter.startsWith('indent='))?.slice('indent='.length);
  return { type: type || '*/*', indent: indent && /^\d+$/.test(indent) ? Math.min(Number(indent), widestIndent) : 0 };
}
