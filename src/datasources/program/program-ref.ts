import { ConflictError } from '../../errors.js';

/** A program by the names that it has elsewhere. */
export interface ProgramRef {
  /** What partners call it, and a Registrar. */
  key: string;
  /** Its id in Discovery and the LMS; null while that is not known here. */
  uuid: string | null;
}

/** @throws ConflictError while that is not known */
export function lmsIdOf({ key, uuid }: ProgramRef): string {
  if (uuid !== null) return uuid;
  throw new ConflictError(`The id of the program ${key} in the LMS is not known here: linkProgram says it.`);
}
