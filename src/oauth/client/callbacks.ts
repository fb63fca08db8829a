import type { Configuration } from 'oidc-provider';

const loopback = /^(localhost|[^/]+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * How the provider calls what clients have registered. Unless said otherwise it asks public addresses only, whatever a name
 * resolves to, follows no redirect and waits 2.5 s.
 *
 * @param mayCallLoopback - lets clients on this very machine be called, for trying them out
 */
export function createCallbackFetch(mayCallLoopback: boolean): NonNullable<Configuration['fetch']> {
  return (input, given) => {
    // The provider asks for it in some calls only. Who is sent on elsewhere would take another host's word for this one's.
    const options: RequestInit = { ...given, redirect: 'manual' };
    const url = new URL(input instanceof Request ? input.url : input);
    if (!mayCallLoopback || !loopback.test(url.hostname)) return fetch(input, options);
    // The provider's guard is the dispatcher.
    const { dispatcher: _guard, ...unguarded }: RequestInit & { dispatcher?: unknown } = options;
    return fetch(input, unguarded);
  };
}
