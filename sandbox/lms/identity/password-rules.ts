/** What the site's password validators say, each in its own sentence. */
export function passwordProblems(
  password: string,
  about: { readonly username: string; readonly email: string },
): string[] {
  const problems: string[] = [];
  if (isSimilar(password, about.username)) problems.push('The password is too similar to the username.');
  else if (isSimilar(password, about.email)) problems.push('The password is too similar to the email address.');
  if (password.length < 8) problems.push('This password is too short. It must contain at least 8 characters.');
  if (password.length > 75) problems.push('This password is too long. It must contain no more than 75 characters.');
  return problems;
}

/** Django's measure: how much of the letters two texts have in common, for the value and each word of it. */
function isSimilar(password: string, value: string): boolean {
  const words = [...value.toLowerCase().split(/\W+/), value.toLowerCase()];
  return words.some((word) => word !== '' && commonRatio(password.toLowerCase(), word) >= 0.7);
}

function commonRatio(a: string, b: string): number {
  const left = new Map<string, number>();
  for (const letter of b) left.set(letter, (left.get(letter) ?? 0) + 1);
  let common = 0;
  for (const letter of a) {
    const count = left.get(letter) ?? 0;
    if (count > 0) common += 1;
    left.set(letter, count - 1);
  }
  return (2 * common) / (a.length + b.length);
}
