import type { ServerOptions } from '../server-process.js';

/** What every part may use. */
export interface BenchSetting {
  /** @returns the URL of a new, empty database on the benchmark's own PostgreSQL */
  newDatabase(): Promise<string>;
  /** How to start servers that are measured. */
  server: ServerOptions;
  /** Shortens what can be shortened, for trying the benchmark itself; its numbers prove nothing. */
  isQuick: boolean;
  /** Progress, for whoever watches. */
  tell(line: string): void;
}

export interface PartReport {
  /** Markdown: the set-up in a sentence, and a table. */
  text: string;
  /** Whether every promise of the part was kept. */
  isKept: boolean;
}

/** One thing that is measured, by itself: it starts what it needs and ends it. */
export interface BenchPart {
  /** As `--only` takes it. */
  name: string;
  run(setting: BenchSetting): Promise<PartReport>;
}

/** A Markdown table. Columns after the first are numbers. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(header), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

/** @param values - at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
