import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, type RequestInit as DispatchedInit, fetch } from 'undici';
import { isLoopbackHost } from './loopback.js';

const timeoutMs = 5_000;
const largestAnswerBytes = 512 * 1024;

/**
 * Calls what an administrator wrote down as an address: public hosts only, whatever a name resolves to, no redirects, five seconds
 * and half a megabyte at most.
 *
 * @param mayCallLoopback - lets a provider on this very machine be called, for trying it out
 */
export function createGuardedFetch(mayCallLoopback: boolean): {
  fetch: typeof globalThis.fetch;
} & AsyncDisposable {
  const limits = { connectTimeout: timeoutMs, maxResponseSize: largestAnswerBytes };
  const guarded = new Agent({ ...limits, connect: { lookup: publicOnly } });
  const open = new Agent(limits);
  return {
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const isLoopback = isLoopbackHost(url.hostname);
      if (isLoopback ? !mayCallLoopback : isPrivateLiteral(url.hostname))
        throw new TypeError(`${url.hostname} is no public host`);
      const dispatched = {
        ...init,
        dispatcher: isLoopback ? open : guarded,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      } as DispatchedInit;
      // The same shape as the platform's own, which does not take this dispatcher.
      return (await fetch(url, dispatched)) as unknown as Response;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([guarded.close(), open.close()]);
    },
  };
}

/** What connects resolves the name once: there is no second answer that could be another. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const isPublic = addresses.every(({ address }) => isPublicAddress(address));
    if (!isPublic) return callback(new Error(`${hostname} is no public host`), []);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? '', first?.family);
  });
};

function isPrivateLiteral(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(address) && !isPublicAddress(address);
}

function isPublicAddress(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast';
}
