import type { OperationService } from '../../services/operation/operation.service.js';

export interface ReportedRow {
  number: number;
  key: string | null;
  outcome: string | null;
  reason: string | null;
}

const pageSize = 200;

/** Every row of an operation that has ended, in the order of their numbers. */
export async function readAllRows(
  operations: Pick<OperationService, 'rows'>,
  operationId: string,
): Promise<ReportedRow[]> {
  const all: ReportedRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = await operations.rows(operationId, {}, { size: pageSize, ...(after !== undefined && { after }) });
    for (const { number, key, outcome, reason } of page.rows)
      all.push({ number, key: key ?? null, outcome: outcome ?? null, reason: reason ?? null });
    after = page.rows.at(-1)?.id;
    if (!page.hasNextPage || after === undefined) return all;
  }
}
