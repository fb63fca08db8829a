import type { Account } from '../../entities/account.entity.js';
import { bestLanguage, type Language, languages } from '../../words/languages.js';
import { type Words, wordsIn } from '../../words/words.js';

/**
 * The words of a mail to the owner of an account.
 *
 * @param asked - the language of the request that the mail answers; without one it is that of the profile, if it is one of ours
 */
export function wordsForAccount({ profile }: Pick<Account, 'profile'>, asked?: Language): Words {
  if (asked) return wordsIn(asked);
  return wordsIn(bestLanguage(profile.languageCode?.replaceAll('_', '-') ?? '') ?? languages[0]);
}
