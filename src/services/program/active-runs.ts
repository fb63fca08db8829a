import type { CurriculumRun, Program } from '../../entities/program.entity.js';

/** Course runs of the active curriculum, in its order: those that partners work with. None while it has no such curriculum. */
export function activeRuns({ details, activeCurriculumUuid }: Program): CurriculumRun[] {
  return details?.curricula.find(({ uuid }) => uuid === (activeCurriculumUuid ?? null))?.runs ?? [];
}
