import type { EnrollmentWrite } from './enrollment-store.js';
import { type EnrollmentLevel, foldKey, judgeKey, judgeStatus } from './judge-row.js';
import type { WrittenRow } from './write-batch.js';

/**
 * Sorts rows into those that may be sent and those that never can be right. A key that stands there twice, in whichever case, is
 * sent for neither: nobody can tell which one is meant.
 */
export function judgeRows(
  rows: readonly EnrollmentWrite[],
  level: EnrollmentLevel,
): { refused: WrittenRow[]; sendable: EnrollmentWrite[] } {
  const copies = new Map<string, number>();
  for (const { externalKey } of rows) copies.set(foldKey(externalKey), (copies.get(foldKey(externalKey)) ?? 0) + 1);
  const refused: WrittenRow[] = [];
  const sendable: EnrollmentWrite[] = [];
  for (const row of rows) {
    const isCopied = (copies.get(foldKey(row.externalKey)) ?? 0) > 1;
    const refusal =
      judgeKey(row.externalKey) ??
      (isCopied
        ? {
            outcome: 'DUPLICATED' as const,
            reason: 'The student key stands in several rows; nothing was written for it.',
          }
        : judgeStatus(row.status, level));
    if (refusal) refused.push({ row, ...refusal });
    else sendable.push({ ...row, externalKey: row.externalKey.trim() });
  }
  return { refused, sendable };
}
