import { Migration20261125000001_first } from '../../migrations/Migration20261125000001_first.js';
import { Migration20261125000002_throttle } from '../../migrations/Migration20261125000002_throttle.js';
import { Migration20261125000003_audit_chain } from '../../migrations/Migration20261125000003_audit_chain.js';
import { Migration20261125000004_clients_and_keys } from '../../migrations/Migration20261125000004_clients_and_keys.js';
import { Migration20261125000005_email_change } from '../../migrations/Migration20261125000005_email_change.js';
import { Migration20261125000006_second_factor } from '../../migrations/Migration20261125000006_second_factor.js';
import { Migration20261125000010_passkeys } from '../../migrations/Migration20261125000010_passkeys.js';
import { Migration20261125000011_leaving } from '../../migrations/Migration20261125000011_leaving.js';
import { Migration20261125000012_security_profile } from '../../migrations/Migration20261125000012_security_profile.js';
import { Migration20261125000014_ended_access } from '../../migrations/Migration20261125000014_ended_access.js';
import { Migration20261125000015_account_locale } from '../../migrations/Migration20261125000015_account_locale.js';
import { Migration20261125000017_blocked_email } from '../../migrations/Migration20261125000017_blocked_email.js';
import { Migration20261125000018_edx_link_conflicts } from '../../migrations/Migration20261125000018_edx_link_conflicts.js';
import { Migration20261125000019_enrollment_life } from '../../migrations/Migration20261125000019_enrollment_life.js';
import { Migration20261125000020_operation } from '../../migrations/Migration20261125000020_operation.js';
import { Migration20261125000021_seen_learning } from '../../migrations/Migration20261125000021_seen_learning.js';
import { Migration20261125000023_since_when } from '../../migrations/Migration20261125000023_since_when.js';
import { Migration20261125000026_enrollment_moves } from '../../migrations/Migration20261125000026_enrollment_moves.js';
import { Migration20261125000027_course_emails } from '../../migrations/Migration20261125000027_course_emails.js';
import { Migration20261125000028_schedule_run } from '../../migrations/Migration20261125000028_schedule_run.js';
import { Migration20261125000029_operation_file } from '../../migrations/Migration20261125000029_operation_file.js';
import { Migration20261125000030_authenticator_browser } from '../../migrations/Migration20261125000030_authenticator_browser.js';

/** All migrations, oldest first. A new one is added at the end; an applied one is never changed. */
export const migrations = [
  { name: 'Migration20261125000001_first', class: Migration20261125000001_first },
  { name: 'Migration20261125000002_throttle', class: Migration20261125000002_throttle },
  { name: 'Migration20261125000003_audit_chain', class: Migration20261125000003_audit_chain },
  { name: 'Migration20261125000004_clients_and_keys', class: Migration20261125000004_clients_and_keys },
  { name: 'Migration20261125000005_email_change', class: Migration20261125000005_email_change },
  { name: 'Migration20261125000006_second_factor', class: Migration20261125000006_second_factor },
  { name: 'Migration20261125000010_passkeys', class: Migration20261125000010_passkeys },
  { name: 'Migration20261125000011_leaving', class: Migration20261125000011_leaving },
  { name: 'Migration20261125000012_security_profile', class: Migration20261125000012_security_profile },
  { name: 'Migration20261125000014_ended_access', class: Migration20261125000014_ended_access },
  { name: 'Migration20261125000015_account_locale', class: Migration20261125000015_account_locale },
  { name: 'Migration20261125000017_blocked_email', class: Migration20261125000017_blocked_email },
  { name: 'Migration20261125000018_edx_link_conflicts', class: Migration20261125000018_edx_link_conflicts },
  { name: 'Migration20261125000019_enrollment_life', class: Migration20261125000019_enrollment_life },
  { name: 'Migration20261125000020_operation', class: Migration20261125000020_operation },
  { name: 'Migration20261125000021_seen_learning', class: Migration20261125000021_seen_learning },
  { name: 'Migration20261125000023_since_when', class: Migration20261125000023_since_when },
  { name: 'Migration20261125000026_enrollment_moves', class: Migration20261125000026_enrollment_moves },
  { name: 'Migration20261125000027_course_emails', class: Migration20261125000027_course_emails },
  { name: 'Migration20261125000029_operation_file', class: Migration20261125000029_operation_file },
  { name: 'Migration20261125000030_authenticator_browser', class: Migration20261125000030_authenticator_browser },
  { name: 'Migration20261125000028_schedule_run', class: Migration20261125000028_schedule_run },
];
