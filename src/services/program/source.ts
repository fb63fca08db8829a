import type { ProgramRef } from '../../datasources/program/program-ref.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Program } from '../../entities/program.entity.js';
import type { UndecidedProgram } from './store-catalogue.js';

/** What a synchronisation did. */
export interface ProgramSyncReport {
  /** Keys of the programs that are new here. */
  created: string[];
  updated: number;
  /** Programs whose managing organization a person has to choose. */
  undecided: UndecidedProgram[];
  /** Why rows of the source's list could not be read. */
  misfits: string[];
}

/** Where Portico knows programs from: Discovery, a Registrar, or nobody. Which of them is decided once, at the start. */
export interface ProgramSource {
  /** For sentences, e.g. `Discovery`. */
  readonly name: string;
  /** Whether there is anybody to ask for a description of this program. */
  isDescribed(program: Program): boolean;
  /** Whether the program's enrollments can be read and written. */
  isTied(program: Pick<Program, 'discoveryUuid' | 'syncedAt'>): boolean;
  /** What a person does about a program that is not tied. */
  readonly howToTie: string;
  /** Whether learners are added to a curriculum that has to be named. */
  readonly needsCurriculum: boolean;
  /**
   * Asks for programs anew, and stores what is said.
   *
   * @param at - when it was asked
   * @returns ids of the programs that were described
   */
  renew(programs: readonly Program[], at: Date, options: CallOptions): Promise<ReadonlySet<string>>;
  /**
   * Takes programs over that are new, and describes those that are known.
   *
   * @throws ConflictError when there is nobody to ask; UpstreamUnavailableError: what was stored until then stays
   */
  sync(options: CallOptions): Promise<ProgramSyncReport>;
}

/** A program by its names elsewhere. */
export function refOf({ key, discoveryUuid }: Pick<Program, 'key' | 'discoveryUuid'>): ProgramRef {
  return { key, uuid: discoveryUuid ?? null };
}
