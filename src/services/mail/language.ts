import type { Account } from '../../entities/account.entity.js';
import { bestLanguage, type Language, languages } from '../../words/languages.js';
import { type Words, wordsIn } from '../../words/words.js';
import type { MailSite } from './layout.js';

/**
 * The words of a mail to the owner of an account: of the request that the mail answers, of the pages as its owner reads them, or
 * of the profile; else of the site.
 *
 * @param asked - the language of the request
 */
export function wordsForAccount(
  { locales }: Pick<MailSite, 'locales'>,
  { locale, profile }: Pick<Account, 'locale' | 'profile'>,
  asked?: Language,
): Words {
  const read = [asked, locale, profile.languageCode?.replaceAll('_', '-')].filter(Boolean).join(',');
  return wordsIn(bestLanguage(read, locales) ?? locales[0] ?? languages[0]);
}
