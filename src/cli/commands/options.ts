import { InvalidArgumentError, Option } from 'commander';

/** `--json`, which every command that answers something has. */
export function jsonOption(): Option {
  return new Option('--json', 'answer in JSON, and nothing else on standard output').default(false);
}

/** `--dry-run`, of commands that write unless they are told not to. */
export function dryRunOption(): Option {
  return new Option('--dry-run', 'say what would be done, and change nothing').default(false);
}

/** `--commit`, of commands that write many rows, and only show what they would do until they are told to do it. */
export function commitOption(): Option {
  return new Option('--commit', 'really do it; without it the command says what it would do').default(false);
}

/** `--user`, as often as there are people. */
export function userOption(what: string): Option {
  return new Option('--user <who...>', `${what}: id, e-mail address, username or LMS username`).default([]);
}

/** The examples at the end of a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** A duration given to an option. @throws InvalidArgumentError, which ends the command with its usage */
export function parseSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a number of seconds.');
  return Number(text);
}

/** A number of things given to an option, at least one. @throws InvalidArgumentError */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number, 1 or more.');
  return Number(text);
}
