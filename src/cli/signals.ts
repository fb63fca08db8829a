/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A later SIGINT ends the process at once, for those who do not want to wait. */
export function waitForSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A terminal, npm and the shell may each pass on the same Ctrl-C.
    if (firstAt !== undefined && signal === 'SIGINT' && performance.now() - firstAt > 1000) process.exit(130);
    firstAt ??= performance.now();
    resolve(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return promise;
}
