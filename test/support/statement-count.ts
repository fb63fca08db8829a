import pg from 'pg';

/** Statements that this process has its databases run, by their text. */
export interface StatementCount extends Disposable {
  /** How often each ran since the last time that this was asked. */
  take(): Map<string, number>;
}

/** Counts them from now on, in every connection. */
export function countStatements(): StatementCount {
  let counts = new Map<string, number>();
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [what] = args;
    const text = typeof what === 'string' ? what : ((what as { text?: string } | undefined)?.text ?? '');
    counts.set(text, (counts.get(text) ?? 0) + 1);
    return Reflect.apply(query, this, args);
  } as typeof query;
  return {
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    [Symbol.dispose]() {
      pg.Client.prototype.query = query;
    },
  };
}
