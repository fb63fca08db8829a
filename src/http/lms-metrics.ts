import { Gauge, type Registry } from 'prom-client';

/** What this process knows of the LMS. */
export interface LmsState {
  /** By family of calls. */
  breakers: Record<string, { state: 'closed' | 'half-open' | 'open' }>;
  /** Of the service worker's token, where that is known. */
  tokenExpiresAt: Date | undefined;
}

const circuitStates = { closed: 0, 'half-open': 1, open: 2 };

/**
 * Gauges of the LMS as this process sees it.
 *
 * @param credentials - how the service worker got its token: a `static` one ends one day, the others are renewed in time
 */
export function registerLmsMetrics(
  registry: Registry,
  { readState, credentials, now }: { readState(): LmsState; credentials: 'static' | 'client_credentials'; now(): Date },
): void {
  const circuit: Gauge = new Gauge({
    name: 'lms_circuit_state',
    help: 'Circuit breakers of the LMS by family of calls: 0 closed, 1 half-open, 2 open',
    labelNames: ['family'],
    registers: [registry],
    collect() {
      circuit.reset();
      for (const [family, { state }] of Object.entries(readState().breakers))
        circuit.set({ family }, circuitStates[state]);
    },
  });
  const token: Gauge = new Gauge({
    name: 'worker_token_expires_in_seconds',
    help: 'How long the service worker’s token is still good for; absent where that is not known',
    labelNames: ['credentials'],
    registers: [registry],
    collect() {
      const { tokenExpiresAt } = readState();
      token.reset();
      if (tokenExpiresAt) token.set({ credentials }, (tokenExpiresAt.getTime() - now().getTime()) / 1000);
    },
  });
}
