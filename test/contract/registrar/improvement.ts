/** What Portico answers where it differs from Registrar on purpose; what is left out is as it was recorded. */
export interface Improvement {
  because: string;
  status?: number;
  body?: unknown;
  /** State and text; null: no job was begun. */
  job?: string | null;
  result?: string | null;
  /** Rows that the LMS is sent, without method and address. */
  rows?: readonly unknown[][];
}
