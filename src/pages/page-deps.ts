import type { ClientGrants } from '../access/client-grants.js';
import type { SignIn } from '../access/sign-in.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { AccountService } from '../services/account.service.js';

/** What the pages are given. */
export interface PageDeps {
  config: Pick<Config, 'http' | 'lms' | 'site'>;
  clock: Clock;
  signIn: SignIn;
  accounts: AccountService;
  clientGrants: ClientGrants;
}
