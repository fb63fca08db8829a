import type { UpstreamName } from '../../errors.js';
import type { CallOptions } from './call.js';
import { unavailable } from './failure.js';

/** The `Authorization` of the service worker, kept fresh by whoever implements it. */
export interface WorkerCredentials {
  /** @throws UpstreamUnavailableError (`credentials`) when the upstream refuses the worker itself */
  authorization(options: CallOptions): Promise<string>;
  /**
   * Told that the upstream refused this header.
   *
   * @returns whether a new one can be had, so that the call is worth repeating once
   */
  reject(authorization: string): boolean;
  /** When the present token ends; undefined when there is none, or it does not say. */
  expiresAt(): Date | undefined;
}

/** Of an upstream that no worker was told of: every call that wants one is refused. */
export function noCredentials(upstream: UpstreamName): WorkerCredentials {
  return {
    authorization: async () => {
      throw unavailable(upstream, 'credentials');
    },
    reject: () => false,
    expiresAt: () => undefined,
  };
}
