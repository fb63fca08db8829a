import Provider from 'oidc-provider';
import type { Payload } from './payload.js';

/** Grants that came with what was read for a request, until the provider asks for them: a moment later, and once. */
export interface RequestGrants {
  keep(id: string, payload: Payload): void;
  take(id: string): Payload | undefined;
  /** To be called when grants are written. */
  forgetAll(): void;
}

/** Outside a request to the provider nothing is kept. */
export function createRequestGrants(): RequestGrants {
  const byRequest = new WeakMap<object, Map<string, Payload>>();
  const ofRequest = () => {
    const { ctx } = Provider;
    return ctx && byRequest.get(ctx);
  };
  return {
    keep(id, payload) {
      const { ctx } = Provider;
      if (!ctx) return;
      const grants = byRequest.get(ctx) ?? new Map<string, Payload>();
      byRequest.set(ctx, grants.set(id, payload));
    },
    take(id) {
      const grants = ofRequest();
      const payload = grants?.get(id);
      grants?.delete(id);
      return payload;
    },
    forgetAll: () => ofRequest()?.clear(),
  };
}
