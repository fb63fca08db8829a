import type { CurriculumRun, Program } from '../../entities/program.entity.js';

/** Course runs of the active curriculum, in its order: those that partners work with. None while it has no such curriculum. */
export function activeRuns({ details, activeCurriculumUuid }: Program): CurriculumRun[] {
  return details?.curricula.find(({ uuid }) => uuid === (activeCurriculumUuid ?? null))?.runs ?? [];
}

/** A course run of the active curriculum, by its course key or by the partner's own key. */
export function findActiveRun(program: Program, courseId: string): CurriculumRun | undefined {
  return activeRuns(program).find(({ courseKey, externalKey }) => courseKey === courseId || externalKey === courseId);
}
