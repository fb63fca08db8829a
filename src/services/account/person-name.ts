/** Names are kept whole; the first word stands for the given name where somebody insists on parts. */
export function splitName(name: string): { given: string; family: string } {
  const [given = '', ...rest] = name.trim().split(/\s+/);
  return { given, family: rest.join(' ') };
}
