import { expandRoles } from '../access/viewer.js';
import type { Account } from '../services/account/account.service.js';
import { splitName } from '../services/account/person-name.js';

/**
 * A person as the user-details API of MITx Online describes one, key for key, so that what reads that API reads this.
 * `username` is the one that never changes: the LMS keeps it as the uid of its link to Portico. What Portico does not ask
 * people is there and empty.
 *
 * @see https://github.com/mitodl/mitxonline, `GET /api/users/me`
 */
export function describeUser(account: Readonly<Account>): Record<string, unknown> {
  const { profile } = account;
  const roles = expandRoles(account.roles);
  const { given, family } = splitName(account.name);
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    name: account.name,
    global_id: account.id,
    legal_address: {
      country: profile.country ?? '',
      first_name: given,
      last_name: family,
      street_address_1: '',
      street_address_2: '',
      city: '',
      state: profile.state ?? '',
      postal_code: '',
    },
    user_profile: {
      gender: profile.gender ?? null,
      year_of_birth: profile.birthYear ?? null,
      addl_field_flag: false,
      company: profile.company ?? '',
      job_title: profile.jobTitle ?? '',
      industry: '',
      job_function: '',
      company_size: null,
      years_experience: null,
      leadership_level: '',
      highest_education: '',
      type_is_student: false,
      type_is_professional: false,
      type_is_educator: false,
      type_is_other: false,
    },
    is_anonymous: false,
    is_authenticated: true,
    is_editor: false,
    is_staff: roles.has('STAFF'),
    is_superuser: roles.has('ADMIN'),
    grants: [],
    is_active: account.status === 'ACTIVE',
    b2b_organizations: [],
    compliance_missing_fields: [],
    created_on: account.createdAt.toISOString(),
    updated_on: account.updatedAt.toISOString(),
  };
}
