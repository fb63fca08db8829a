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
    const misfits = validator
      .Errors(body)
      .slice(0, 5)
      .map((error) => `${error.instancePath || '/'} ${error.message}`);
    throw unavailable(upstream, 'bad-answer', { cause: new Error(`unexpected shape: ${misfits.join('; ')}`) });
  };
}
