/** What the filters of everything that is on its way to the LMS have in common. */
interface ProgressFilterInput {
  reasons?: string[] | null;
  unchangedSince?: Date | null;
  minAttempts?: number | null;
  stuck?: boolean | null;
}

interface ProgressFilter {
  reasons?: string[];
  unchangedSince?: Date;
  minAttempts?: number;
  isStuck?: boolean;
}

/** Leaves out what was not given: in a filter null asks for nothing. */
export function readProgressFilter({
  reasons,
  unchangedSince,
  minAttempts,
  stuck,
}: ProgressFilterInput): ProgressFilter {
  return {
    ...(reasons && { reasons }),
    ...(unchangedSince && { unchangedSince }),
    ...(minAttempts != null && { minAttempts }),
    ...(stuck != null && { isStuck: stuck }),
  };
}
