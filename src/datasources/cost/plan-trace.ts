/** What was planned for one read of many keys, and what became of it. */
export interface PlanRecord {
  /** Which planner, e.g. `grades`. */
  plan: string;
  /** Keys that were asked for. */
  wanted: number;
  /** Calls that were planned, by endpoint. */
  steps: Record<string, number>;
  /** How long the plan was expected to take, from costs as far as they were known. */
  estimateMs: number;
  /** Calls that were made, retries included. */
  calls: number;
  actualMs: number;
}

/** Collects the plans of one request. */
export interface PlanTrace {
  add(record: PlanRecord): void;
}

/** A trace that can be read. A read that outlives its request may add to it after that. */
export interface KeptPlanTrace extends PlanTrace {
  records(): readonly PlanRecord[];
}

/** Beyond it plans are left out: a trace is for people to read. */
const maxRecords = 100;

export function createPlanTrace(): KeptPlanTrace {
  const records: PlanRecord[] = [];
  return {
    add(record) {
      if (records.length < maxRecords) records.push(record);
    },
    records: () => records,
  };
}

/** One trace that tells all of them: for a read that several requests share. */
export function joinTraces(traces: readonly (PlanTrace | undefined)[]): PlanTrace | undefined {
  const distinct = [...new Set(traces.filter((trace) => trace !== undefined))];
  if (distinct.length < 2) return distinct[0];
  return {
    add(record) {
      for (const trace of distinct) trace.add(record);
    },
  };
}
