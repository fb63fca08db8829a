import type { FaultMode } from '../../sandbox/lms/rows.js';
import { type LmsOperation, lmsOperations } from '../../src/datasources/lms/operations.js';
import { decide, mayBeDone, type Outcome } from './decisions.js';
import { modeRows, modes } from './modes.js';
import { operationRows, type Side } from './operations.js';

const sideTitles: Record<Side, string> = {
  graph: 'Read for people, by the graph',
  job: 'Read by jobs and commands',
  write: 'Written, by jobs',
  check: 'Asked by checks',
};

const legend = `Each cell is what one call comes to when it meets the fault at every try. ✓: the answer arrives. \`refused\`: the LMS said no to
this call, which is an answer. Anything else is why there is none, the word in \`extensions.upstreams\` and in \`lastError.code\`; with ↻ the
work may be done all the same, so that Portico looks before it does it again. A fault that passes within the tries is not seen at all.
The tables are printed from \`test/resilience/\`, which tries every cell.`;

/** What `docs/resilience.md` has under “Faults”. */
export function renderFaults(): string {
  return [renderModes(), legend, renderMatrix()].join('\n\n');
}

function renderMatrix(): string {
  const columns = groupModes();
  const sides = Object.keys(sideTitles) as Side[];
  return sides
    .map((side) =>
      table(
        [sideTitles[side], 'for', ...columns.map((column) => column.map((mode) => `\`${mode}\``).join(' '))],
        lmsOperations
          .filter((operation) => operationRows[operation].side === side)
          .map((operation) => [
            `\`${operation}\``,
            operationRows[operation].usedBy,
            ...columns.map(([mode]) => (mode ? word(operation, mode) : '')),
          ]),
      ),
    )
    .join('\n\n');
}

function renderModes(): string {
  return table(
    ['fault', 'what goes wrong'],
    modes.map((mode) => [`\`${mode}\``, modeRows[mode].meaning]),
  );
}

/** Faults that come to the same everywhere share a column. */
function groupModes(): FaultMode[][] {
  const groups = new Map<string, FaultMode[]>();
  for (const mode of modes) {
    const name = lmsOperations.map((operation) => word(operation, mode)).join();
    groups.set(name, [...(groups.get(name) ?? []), mode]);
  }
  return [...groups.values()];
}

function word(operation: LmsOperation, mode: FaultMode): string {
  const outcome: Outcome = decide(operation, mode);
  if (outcome === 'answer') return '✓';
  return operationRows[operation].isOnce && mayBeDone(outcome) ? `${outcome} ↻` : outcome;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
