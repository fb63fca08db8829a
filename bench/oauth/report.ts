import type { Round } from './load.js';

/** A promise about speed: so many times as fast as what it is compared with. */
interface Comparison {
  what: string;
  /** Keys of rounds, `side name`. */
  ours: string;
  theirs: string;
  atLeast: number;
}

const comparisons: readonly Comparison[] = [
  ...['client_credentials', 'introspection', 'refresh', 'code flow'].map((name) => ({
    what: name,
    ours: `portico ${name}`,
    theirs: `peer ${name}`,
    atLeast: 1,
  })),
  { what: '/api/users/me : userinfo', ours: 'portico /api/users/me', theirs: 'peer userinfo', atLeast: 1 },
  { what: '/api/users/me : introspection', ours: 'portico /api/users/me', theirs: 'peer introspection', atLeast: 2 },
  { what: '/graphql : introspection', ours: 'portico /graphql', theirs: 'peer introspection', atLeast: 2 },
  { what: 'userinfo', ours: 'portico userinfo', theirs: 'peer userinfo', atLeast: 1 },
];

export interface Report {
  /** For reading: Markdown. */
  text: string;
  /** Whether every promise was kept, by the median of its rounds. */
  isKept: boolean;
}

/** @param rounds - by `side name`, in the order in which they ran */
export function report(rounds: ReadonlyMap<string, readonly Round[]>): Report {
  const rows = comparisons.flatMap(({ what, ours, theirs, atLeast }) => {
    const [mine, other] = [rounds.get(ours), rounds.get(theirs)];
    if (!mine || !other) return [];
    const ratios = mine.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN));
    return [{ what, mine, other, ratios, atLeast, isKept: median(ratios) >= atLeast }];
  });
  const header = [
    '| operation | Portico /s (p50, p99 ms; processor ms; database: processor ms, bytes written) | peer /s (the same) | ratio: median (min–max) | asked | |',
    '|---|---:|---:|---:|---:|---|',
  ];
  const lines = rows.map(
    ({ what, mine, other, ratios, atLeast, isKept }) =>
      `| ${[
        what,
        describe(mine),
        describe(other),
        `**${median(ratios).toFixed(2)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
        `≥ ${atLeast.toFixed(1)}`,
        isKept ? 'kept' : 'MISSED',
      ].join(' | ')} |`,
  );
  return { text: [...header, ...lines].join('\n'), isKept: rows.every(({ isKept }) => isKept) };
}

function describe(rounds: readonly Round[]): string {
  const of = (pick: (round: Round) => number) => Math.round(median(rounds.map(pick)));
  const processor = median(rounds.map(({ processorMs }) => processorMs)).toFixed(3);
  const database = median(rounds.map((round) => round.database.processorMs)).toFixed(3);
  const bytes = of((round) => round.database.walBytes);
  return `${of((round) => round.perSecond)} (${of((round) => round.p50)}, ${of((round) => round.p99)}; ${processor}; ${database}, ${bytes})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
