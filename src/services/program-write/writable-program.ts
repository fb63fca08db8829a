import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProgramRef } from '../../datasources/program/program-ref.js';
import { type CurriculumRun, type Program, ProgramEntity } from '../../entities/program.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { type ProgramSource, refOf } from '../program/source.js';

/** What it takes to know of a source whether programs can be written. */
export type WritableSource = Pick<ProgramSource, 'isTied' | 'howToTie' | 'needsCurriculum'>;

/** A program as far as writing its enrollments goes. */
export interface WritableProgram {
  id: string;
  key: string;
  organizationId: string;
  /** Its names where enrollments are kept. */
  ref: ProgramRef;
  curriculumUuid: string | null;
  /** A course run of the program, by its own key or the partner's. */
  findRun(key: string): string | undefined;
}

/** @throws NotFoundError */
export async function requireProgram(em: EntityManager, id: string): Promise<Program> {
  const program = await em.fork().findOne(ProgramEntity, { id });
  if (!program) throw new NotFoundError('The program is no longer there.');
  return program;
}

/**
 * What it takes to write a program's enrollments.
 *
 * @param source - where programs come from
 * @throws ConflictError when it is not tied to a program there, or, for writes that add learners, has no active curriculum
 */
export function toWritable(
  program: Program,
  source: WritableSource,
  { isAdding }: { isAdding: boolean },
): WritableProgram {
  const { id, key, organizationId, activeCurriculumUuid } = program;
  if (!source.isTied(program))
    throw new ConflictError(`The enrollments of the program ${key} cannot be written. ${source.howToTie}`);
  if (isAdding && source.needsCurriculum && activeCurriculumUuid == null)
    throw new ConflictError(
      `The program ${key} has no active curriculum in Discovery, without which the LMS takes nobody into it. Activate one there, and synchronize programs.`,
    );
  const runs = runsByKey(program);
  return {
    id,
    key,
    organizationId,
    ref: refOf(program),
    curriculumUuid: activeCurriculumUuid ?? null,
    findRun: (name) => runs.get(name),
  };
}

/** Runs of active curricula first, then others of the program: the LMS takes either. */
function runsByKey({ details }: Program): Map<string, string> {
  const curricula = [...(details?.curricula ?? [])].sort((a, b) => Number(b.isActive) - Number(a.isActive));
  const runs: CurriculumRun[] = [...curricula.flatMap((curriculum) => curriculum.runs), ...(details?.runs ?? [])];
  const found = new Map<string, string>();
  for (const { courseKey } of runs) found.set(courseKey, courseKey);
  for (const { courseKey, externalKey } of runs)
    if (externalKey && !found.has(externalKey)) found.set(externalKey, courseKey);
  return found;
}
