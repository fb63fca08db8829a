import type { Viewer } from '../../access/viewer.js';

/** Remembers for a while what ended, for whoever was asked before that and is listed only now. */
export class EndedFacts {
  readonly #endedAt = new Map<string, number>();
  #allEndedAt = Number.NEGATIVE_INFINITY;

  add(facts: readonly string[] | 'all'): void {
    const now = performance.now();
    if (facts !== 'all' && this.#endedAt.size + facts.length <= mostRemembered) {
      for (const fact of facts) this.#endedAt.set(fact, now);
      return;
    }
    this.#allEndedAt = now;
    this.#endedAt.clear();
  }

  /** Whether something that this viewer rests on ended a moment ago, perhaps after they were asked for. */
  mayConcern({ restsOn }: Viewer): boolean {
    const since = performance.now() - rememberedMs;
    if (!restsOn || this.#allEndedAt >= since) return true;
    return restsOn.some((fact) => (this.#endedAt.get(fact) ?? Number.NEGATIVE_INFINITY) >= since);
  }
}

/** Longer than it takes from asking who it is to following something. */
const rememberedMs = 30_000;
/** Beyond it all count as ended. */
const mostRemembered = 10_000;
