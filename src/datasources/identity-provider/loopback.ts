const loopback = /^(localhost|[^/]+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a host, as a URL spells it, is this very machine. */
export function isLoopbackHost(hostname: string): boolean {
  return loopback.test(hostname);
}
