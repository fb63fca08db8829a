import { SingleBar } from 'cli-progress';

/** How far a long command is. */
export interface Step {
  done: number;
  /** Left out as long as nobody knows. */
  total?: number | null | undefined;
  failed?: number | undefined;
}

/** Says how far a long command is: a bar on a terminal, a line now and then elsewhere. Disposing it ends the bar. */
export interface Progress extends Disposable {
  /** @param step - of the whole work, not since the last time */
  report(step: Step): void;
}

/** A quick command says nothing, a long one not too much. */
const silenceMs = 2_000;
const pauseMs = 10_000;

/**
 * @param what - the things that are counted, e.g. `events verified`
 * @param stream - standard error: what the command answers goes to standard output
 */
export function createProgress(
  what: string,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  return stream.isTTY ? createBar(what, stream) : createLines(what, stream, now);
}

function createBar(what: string, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: (_options, { progress, value, total }, { failed }) =>
      `${total > 0 ? `${drawBar(progress)} ` : ''}${describe(what, { done: value, total, failed })}`,
    hideCursor: true,
    clearOnComplete: false,
    gracefulExit: true,
  });
  let isStarted = false;
  return {
    report({ done, total, failed = 0 }) {
      if (!isStarted) bar.start(total ?? 0, done, { failed });
      isStarted = true;
      bar.setTotal(total ?? 0);
      bar.update(done, { failed });
    },
    [Symbol.dispose]() {
      if (isStarted) bar.stop();
    },
  };
}

function createLines(what: string, stream: NodeJS.WritableStream, now: () => number): Progress {
  let next = now() + silenceMs;
  return {
    report(step) {
      if (now() < next) return;
      next = now() + pauseMs;
      stream.write(`${describe(what, step)}\n`);
    },
    [Symbol.dispose]() {},
  };
}

const barWidth = 30;

function drawBar(progress: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, progress)) * barWidth);
  return `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`;
}

function describe(what: string, { done, total, failed = 0 }: Step): string {
  return `${done}${total ? ` of ${total}` : ''} ${what}${failed > 0 ? `, ${failed} failed` : ''}`;
}
