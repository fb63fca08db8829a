import { AppError } from '../../errors.js';

/** What one check came to. */
export interface Finding {
  name: string;
  isWell: boolean;
  /** What was seen. */
  detail: string;
  /** What to do about it; of a failed check only. */
  advice?: string;
}

/** Runs one check: it answers what it saw, or throws, and then `advice` says what to do. */
export async function find(
  name: string,
  look: () => Promise<string>,
  advice: string | ((error: unknown) => string),
): Promise<Finding> {
  try {
    return { name, isWell: true, detail: await look() };
  } catch (error) {
    return {
      name,
      isWell: false,
      detail: describe(error),
      advice: typeof advice === 'string' ? advice : advice(error),
    };
  }
}

/** Fails a check that got an answer, but not the right one. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error instanceof AppError && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return error.message + cause;
}
