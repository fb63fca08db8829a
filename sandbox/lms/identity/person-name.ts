/** What the LMS has against a full name, in its own words; null when it accepts it. Length is checked elsewhere. */
export function nameProblem(name: string): string | null {
  if (/[<>]/.test(name)) return 'Full Name cannot contain the following characters: < >';
  if (name.includes('://')) return 'Enter a valid name';
  return null;
}
