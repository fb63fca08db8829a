const windowMs = 5 * 60_000;
const maxSamples = 500;

interface Sample {
  at: number;
  durationMs: number;
  isFailure: boolean;
}

export interface HealthSnapshot {
  /** Calls of the last five minutes, the newest 500 at most. */
  calls: number;
  /** 0..1; refusals of single requests are no failures. Undefined without calls. */
  errorRate: number | undefined;
  latencyMs: { p50: number; p95: number } | undefined;
}

/** Latency and error rate of the recent past. */
export class Health {
  #samples: Sample[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  record(durationMs: number, isFailure: boolean): void {
    this.#samples.push({ at: this.#now(), durationMs, isFailure });
    if (this.#samples.length > 2 * maxSamples) this.#samples = this.#samples.slice(-maxSamples);
  }

  snapshot(): HealthSnapshot {
    const recent = this.#samples.slice(-maxSamples).filter((sample) => sample.at > this.#now() - windowMs);
    if (recent.length === 0) return { calls: 0, errorRate: undefined, latencyMs: undefined };
    const durations = recent.map((sample) => sample.durationMs).sort((a, b) => a - b);
    const percentile = (part: number) => Math.round(durations[Math.ceil(part * durations.length) - 1] ?? 0);
    return {
      calls: recent.length,
      errorRate: recent.filter((sample) => sample.isFailure).length / recent.length,
      latencyMs: { p50: percentile(0.5), p95: percentile(0.95) },
    };
  }
}
