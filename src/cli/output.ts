/** Prints the one thing a command answers: JSON for programs with `--json`, lines for people without. */
export function printAnswer(isJson: boolean, answer: unknown, lines: readonly string[]): void {
  process.stdout.write(isJson ? `${JSON.stringify(answer)}\n` : `${lines.join('\n')}\n`);
}

/** A number of things in words, e.g. `1 learner`, `2 learners`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
