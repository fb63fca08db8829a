/** Says how far a long command is. */
export interface Progress {
  /** @param text - shown when the command has run for a while, and now and then after that */
  report(text: string): void;
}

const patienceMs = 2_000;

/** @param stream - standard error: what the command answers goes to standard output */
export function createProgress(stream: NodeJS.WritableStream): Progress {
  let last = performance.now();
  return {
    report(text) {
      if (performance.now() - last < patienceMs) return;
      last = performance.now();
      stream.write(`${text}\n`);
    },
  };
}
