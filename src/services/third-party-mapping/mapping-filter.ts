/** Whose links: everybody's, or those of the users and of the remote ids that are named, either of which will do. */
export type MappingFilter = 'all' | { readonly usernames: readonly string[]; readonly remoteIds: readonly string[] };

/**
 * The filter that lists of names stand for, as the LMS reads its query: lists that are not there, or hold nothing but nothing,
 * filter nothing.
 *
 * @param usernames, remoteIds - each name once or several with commas between them
 */
export function readMappingFilter(usernames: readonly string[], remoteIds: readonly string[]): MappingFilter {
  const [users, remotes] = [namesOf(usernames), namesOf(remoteIds)];
  return users || remotes ? { usernames: users ?? [], remoteIds: remotes ?? [] } : 'all';
}

function namesOf(values: readonly string[]): string[] | undefined {
  const joined = values.join(',');
  // Several times nothing is a name that nobody has; nothing at all is no filter.
  return joined === '' ? undefined : [...new Set(joined.split(','))].filter((name) => name !== '');
}
