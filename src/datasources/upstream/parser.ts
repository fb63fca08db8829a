import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { UpstreamName } from '../../errors.js';
import { unavailable } from './failure.js';

/**
 * Makes the one place where an answer's `unknown` becomes a type. The schema is compiled at first use.
 *
 * @returns a function that throws UpstreamUnavailableError (`bad-answer`), naming the first members that do not fit
 */
export function createParser<const S extends TSchema>(upstream: UpstreamName, schema: S): (body: unknown) => Static<S> {
  let validator: Validator | undefined;
  return (body) => {
    validator ??= Compile<TSchema, Validator>(schema);
    if (validator.Check(body)) return body as Static<S>;
    throw unavailable(upstream, 'bad-answer', {
      cause: new Error(`unexpected shape: ${describeMisfit(validator, body)}`),
    });
  };
}

/** A row of a list that is not what the upstream's API promises. The others of its page are none the worse. */
export interface Misfit {
  row: unknown;
  /** Which members do not fit, for a person to read. */
  why: string;
}

/**
 * The same for lists in which one row must not cost the others.
 *
 * @returns a function that sorts rows into those that fit and those that do not
 * @throws UpstreamUnavailableError (`bad-answer`) when none of several fits: then it is the list that is wrong
 */
export function createRowsParser<const S extends TSchema>(
  upstream: UpstreamName,
  schema: S,
): (rows: readonly unknown[]) => { rows: Static<S>[]; misfits: Misfit[] } {
  let validator: Validator | undefined;
  return (all) => {
    validator ??= Compile<TSchema, Validator>(schema);
    const rows: Static<S>[] = [];
    const misfits: Misfit[] = [];
    for (const row of all) {
      if (validator.Check(row)) rows.push(row as Static<S>);
      else misfits.push({ row, why: describeMisfit(validator, row) });
    }
    if (rows.length === 0 && misfits.length > 1)
      throw unavailable(upstream, 'bad-answer', { cause: new Error(`unexpected shape: ${misfits[0]?.why}`) });
    return { rows, misfits };
  };
}

function describeMisfit(validator: Validator, body: unknown): string {
  return validator
    .Errors(body)
    .slice(0, 5)
    .map((error) => `${error.instancePath || '/'} ${error.message}`)
    .join('; ');
}
