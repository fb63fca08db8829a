/** Prints the one thing a command answers: JSON for programs with `--json`, lines for people without. */
export function printAnswer(isJson: boolean, answer: unknown, lines: readonly string[]): void {
  process.stdout.write(isJson ? `${JSON.stringify(answer)}\n` : `${lines.join('\n')}\n`);
}
