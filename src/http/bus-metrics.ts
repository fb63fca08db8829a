import { Gauge, type Registry } from 'prom-client';

/** How the consumer of this process is doing. */
export interface BusFigures {
  isReachable: boolean;
  lag: number | undefined;
  pending: number | undefined;
}

/**
 * Gauges of the event bus, read when somebody scrapes. What the bus does not say, or not while it is away, is left out rather
 * than repeated as it was.
 *
 * @param readFigures - of the consumer, in a process that has one
 * @param countParked - messages that wait for a person; asked of the database
 */
export function registerBusMetrics(
  registry: Registry,
  { readFigures, countParked }: { readFigures?: (() => BusFigures) | undefined; countParked: () => Promise<number> },
): void {
  const gauge = (name: string, help: string, read: () => Promise<number | undefined> | number | undefined) => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await read();
        if (value === undefined) made.remove();
        else made.set(value);
      },
    });
  };
  gauge('portico_parked_events', 'Messages of the event bus that wait for somebody', () =>
    countParked().catch(() => undefined),
  );
  if (!readFigures) return;
  gauge('event_bus_up', 'Whether the event bus answers', () => (readFigures().isReachable ? 1 : 0));
  gauge(
    'event_bus_lag',
    'Messages of the event bus that nobody of the consumer group was given yet',
    () => readFigures().lag,
  );
  gauge(
    'event_bus_pending',
    'Messages of the event bus that somebody of the consumer group was given and has not finished',
    () => readFigures().pending,
  );
}
