import type { Config } from '../../config/config.js';
import type { Account } from '../../entities/account.entity.js';

/** What the LMS is told about a new learner, beside username, provider and token. */
export interface RegistrationDetails {
  email: string;
  name: string;
  /** Left out for a person who did not agree to the terms: nobody agrees in their name. */
  honorCode?: true;
  country?: string;
  gender?: 'm' | 'f' | 'o';
  yearOfBirth?: number;
}

/** The LMS knows these codes only; `o` stands for every other answer. */
const lmsGenders = new Map<string, 'm' | 'f'>([
  ['m', 'm'],
  ['male', 'm'],
  ['f', 'f'],
  ['female', 'f'],
]);

/** Maps an account to the LMS's registration fields; what the person has not told is left out. */
export function registrationDetails(account: Account, site: Pick<Config['site'], 'termsUrl'>): RegistrationDetails {
  const { country, gender, birthYear } = account.profile;
  const hasAgreed = account.termsAgreedAt != null || site.termsUrl === undefined;
  return {
    email: account.email,
    name: account.name,
    ...(hasAgreed && { honorCode: true }),
    ...(country && { country: country.toUpperCase() }),
    ...(gender && { gender: lmsGender(gender) }),
    ...(birthYear && { yearOfBirth: birthYear }),
  };
}

/** The LMS's code of a gender; `o` for every answer that it has no code for. */
export function lmsGender(gender: string): 'm' | 'f' | 'o' {
  return lmsGenders.get(gender.toLowerCase()) ?? 'o';
}
