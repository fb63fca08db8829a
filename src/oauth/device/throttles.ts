import type { Throttle, ThrottleStore } from '../../services/throttle.js';

/** How long a device should wait between two questions (RFC 8628 3.2). */
export const pollIntervalSeconds = 5;

/** With 20^8 codes, this many tries in a minute find none in its ten minutes; a classroom behind one address mistypes less. */
export const wrongCodeLimit = 30;
export const wrongCodeWindowSeconds = 60;

export interface DeviceThrottles {
  /** One question at a time, by device code. */
  pace: Throttle;
  /** Questions of a device that does not listen to `slow_down`. */
  polls: Throttle;
  /** User codes that there are not, by network address. */
  wrongCodes: Throttle;
}

export function createDeviceThrottles(store: ThrottleStore): DeviceThrottles {
  return {
    // A second of grace for the way through the network.
    pace: store.create({ name: 'device-pace', limit: 1, windowSeconds: pollIntervalSeconds - 1 }),
    polls: store.create({ name: 'device-polls', limit: 30, windowSeconds: 60 }),
    wrongCodes: store.create({ name: 'user-code', limit: wrongCodeLimit, windowSeconds: wrongCodeWindowSeconds }),
  };
}
