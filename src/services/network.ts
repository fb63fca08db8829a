import ipaddr from 'ipaddr.js';

/**
 * What one party holds of the Internet, by the address it calls from: an IPv4 address, or the /64 of an IPv6 address, of which
 * any customer has all 2^64 addresses. Failures are counted by it, or whoever guesses would never be counted twice.
 *
 * @param address - as the connection or a trusted proxy says it; what is no address stands for itself
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const [first, second, third, fourth] = parsed.parts;
  return `${[first, second, third, fourth].map((part) => (part ?? 0).toString(16)).join(':')}::/64`;
}
