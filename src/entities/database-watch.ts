import pg from 'pg';

/** Whether the database can be reached; looked into once somebody has reason to doubt it, until it can be again. */
export interface DatabaseWatch {
  isAway(): boolean;
  /** Has it looked into. */
  suspect(): void;
  /** @returns how to stop listening */
  onAway(listener: () => void): () => void;
}

const probePauseMs = 250;
const probeTimeoutMs = 2_000;
/** SQLSTATE of a server that has no connection left: those that there are work. */
const tooManyConnections = '53300';

/** @param pool - looked after until it is ended; its connections are left alone */
export function watchDatabase(pool: pg.Pool): DatabaseWatch {
  const listeners = new Set<() => void>();
  let isAway = false;
  let isProbing = false;
  const probe = async () => {
    const isReached = await canConnect(pool.options);
    if (!isReached && !isAway) for (const listener of [...listeners]) listener();
    isAway = !isReached;
    isProbing = isAway && !pool.ending;
    if (isProbing) setTimeout(probe, probePauseMs).unref();
  };
  return {
    isAway: () => isAway,
    suspect() {
      if (isProbing) return;
      isProbing = true;
      void probe();
    },
    onAway(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function canConnect(options: pg.PoolConfig): Promise<boolean> {
  const client = new pg.Client(options);
  client.on('error', () => {});
  const answer = client.connect().then(async () => {
    await client.query('select 1');
    return true;
  });
  const { promise: deadline, resolve: giveUp } = Promise.withResolvers<false>();
  const timer = setTimeout(giveUp, probeTimeoutMs, false);
  try {
    return await Promise.race([answer, deadline]);
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === tooManyConnections;
  } finally {
    clearTimeout(timer);
    // A client that owes an answer breaks its connection.
    client.end().catch(() => undefined);
    answer.catch(() => undefined);
  }
}
