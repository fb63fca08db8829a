import type { RegistrarProgram, RegistrarPrograms } from '../../datasources/registrar/programs.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { DescribedByRegistrar } from './store-registrar-programs.js';

/**
 * Adds the course runs of programs, a call for each. A program whose type is not told is left out: the Registrar could not ask
 * Discovery about it, and what was known of it before is better than what it would say.
 *
 * @returns `failure` when there are others whose runs could not be read
 */
export async function addRuns(
  registrar: Pick<RegistrarPrograms, 'runsOf'>,
  programs: readonly RegistrarProgram[],
  options: CallOptions,
): Promise<{ described: DescribedByRegistrar[]; failure: { error: unknown } | undefined }> {
  let failure: { error: unknown } | undefined;
  const described = await Promise.all(
    programs
      .filter(({ typeName }) => typeName !== null)
      .map(async (program) => {
        try {
          return [{ ...program, runs: await registrar.runsOf(program.key, options) }];
        } catch (error) {
          failure ??= { error };
          return [];
        }
      }),
  );
  return { described: described.flat(), failure };
}
