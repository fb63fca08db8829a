import type { ChaosSite } from './site.js';

const modes = ['lost-answer', 'hang', 'html500', 'throttle'] as const;
const places = [
  '/user_api/*',
  '/api/enrollment/*',
  '/api/user/v1/accounts*',
  '/api/third_party_auth/*',
  '/oauth2/access_token*',
  '/auth/*',
];

/**
 * Orders faults of the LMS one after the other, the same for the same seed, until it is told to end. An LMS that was killed takes
 * no order, and gets the next one.
 */
export function orderFaults(product: Pick<ChaosSite, 'pullLever'>, random: () => number): { end(): Promise<void> } {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  let isOver = false;
  const order = (faults: unknown[]) =>
    product.pullLever('/_sandbox/faults', faults).then(
      () => true,
      () => false,
    );
  const ordering = (async () => {
    while (!isOver) {
      const fault = { match: pick(places), mode: pick(modes), times: 1 + Math.floor(random() * 4) };
      await order([fault.mode === 'throttle' ? { ...fault, ms: 2000 } : fault]);
      await pause(300 + random() * 1200);
    }
  })();
  return {
    async end() {
      isOver = true;
      await ordering;
      while (!(await order([]))) await pause(200);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
