/** An answer of an upstream as it is kept beyond the process that read it. */
export interface StoredAnswer {
  value: unknown;
  /** When the upstream was asked. */
  asOf: Date;
  /** Known to have changed since: good for nothing but an outage. */
  isOutdated: boolean;
}

/** What an answer is found by. */
export interface AnswerKey {
  /** Names identity, kind and key: an answer is found by nothing else. */
  name: string;
  /** LMS user whose data it is, in lower case, so that it goes with the person; null for what is nobody's. */
  owner: string | null;
}

export interface AnswerToKeep extends AnswerKey {
  value: unknown;
  asOf: Date;
  /** For how long it is fresh. */
  ttlMs: number;
}

/**
 * Answers that outlive this process, or are shared with others. Nothing here fails: what cannot be read is not there, what cannot
 * be written is read anew by the next. Writing never makes a reader wait.
 */
export interface AnswerStore {
  /** @returns what is there, by name */
  find(wanted: readonly AnswerKey[]): Promise<Map<string, StoredAnswer>>;
  keep(answer: AnswerToKeep): void;
  /** What was read before is to be read anew. */
  outdate(key: AnswerKey, at: Date): void;
  /** What was read before is not even good for an outage: something newer is known elsewhere. */
  forget(key: AnswerKey, at: Date): void;
}

/** Dates are told from texts, and "there is none" from nothing. */
export function encodeAnswer(value: unknown): string {
  return JSON.stringify({ value }, function tagDate(this: Record<string, unknown>, key: string, member: unknown) {
    const raw = this[key];
    return raw instanceof Date ? { $date: raw.toISOString() } : member;
  });
}

export function decodeAnswer(text: string): unknown {
  const decoded: unknown = JSON.parse(text, (_, member: unknown) =>
    isTaggedDate(member) ? new Date(member.$date) : member,
  );
  return typeof decoded === 'object' && decoded !== null && 'value' in decoded ? decoded.value : undefined;
}

function isTaggedDate(member: unknown): member is { $date: string } {
  return typeof member === 'object' && member !== null && '$date' in member && typeof member.$date === 'string';
}
