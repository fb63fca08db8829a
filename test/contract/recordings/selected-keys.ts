import type { RecordedExchange } from './exchange.js';

/** Answers of which the editor shows some keys without a mark: file, and the headings. */
const SELECTED: Readonly<Record<string, readonly string[]>> = {
  'g-accounts.md': [
    'no year of birth, staff',
    'several, one unknown',
    'order',
    'by e-mail',
    'by e-mail, other case',
    'by id',
    'no argument',
  ],
  'g2-accounts-write.md': [
    'e-mail',
    'taken e-mail',
    'state and country together',
    'extended_profile, language_proficiencies, social_links',
    'the account afterwards, staff',
  ],
  'h-courses.md': ['hidden course, no username', 'course without a start date'],
};

export function showsSelectedKeys({ file, heading }: RecordedExchange): boolean {
  return SELECTED[file]?.includes(heading) ?? false;
}
