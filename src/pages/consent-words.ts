import type { PendingInteraction } from '../access/sign-in.js';
import type { FixedText, Words } from '../words/words.js';
import { describeScope } from './scope-words.js';

/** What a client would get, in words for whoever is asked. */
interface ConsentWords {
  lead: string;
  permissions: string[];
  limits: string[];
}

/** What a scope tells a client that can do nothing else than learn who somebody is. */
const toldAtSignIn: Readonly<Record<string, FixedText>> = {
  email: 'Your e-mail address',
  profile: 'Your full name, and whether you belong to the staff',
};

/**
 * Says what a person allows. Of a client that is restricted, it says what its tokens are good for and not what it asks for: the
 * scopes that its restriction takes away do nothing, however often they are allowed.
 */
export function describeConsent(
  { missingScopes, limits }: Pick<PendingInteraction, 'missingScopes' | 'limits'>,
  words: Words,
): ConsentWords {
  const describe = (scopes: readonly string[]) => scopes.map((scope) => describeScope(scope, words));
  if (!limits) return { lead: words('It would like to:'), permissions: describe(missingScopes), limits: [] };
  if (limits.isForSignInOnly || limits.leftScopes.length === 0)
    return {
      lead: words('It can only see that you signed in, and as whom. It is told:'),
      permissions: [
        words('Your username, and an id that stands for you'),
        ...limits.leftScopes.flatMap((scope) => toldAtSignIn[scope] ?? []).map((text) => words(text)),
      ],
      limits: [words('It can do nothing in your name.')],
    };
  const { organizations, providers } = limits;
  return {
    lead: words('It would like to:'),
    permissions: describe(limits.leftScopes),
    limits: [
      words('It can do nothing else in your name.'),
      organizations.length > 0
        ? words('It is limited to courses of {organizations}.', { organizations: words.list(organizations) })
        : words('It is not limited to courses of certain organizations.'),
      ...(providers.length > 0
        ? [words('Of ways to sign in, it may deal with {providers} only.', { providers: words.list(providers) })]
        : []),
    ],
  };
}
