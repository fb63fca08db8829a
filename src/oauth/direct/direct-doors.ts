import { type AuthorizeDependencies, authorizeAgain } from './authorize.js';
import { giveClientCredentials } from './client-credentials.js';
import { exchangeCode } from './code.js';
import { byGrantType, type DirectDoors } from './direct-answers.js';
import { answerKnownIntrospection, type KnownAnswers } from './introspection.js';
import type { PersonTokenDependencies } from './person-tokens.js';
import { refreshTokens } from './refresh.js';
import { answerUserInfo, type KnownUserInfo } from './user-info.js';

/** Everything that is answered directly, by its path without trailing slash. */
export function createDirectDoors(
  dependencies: PersonTokenDependencies &
    AuthorizeDependencies & { knownAnswers: KnownAnswers; knownUserInfo: KnownUserInfo },
): DirectDoors {
  return {
    post: {
      '/oauth2/introspect': answerKnownIntrospection(dependencies.knownAnswers),
      '/oauth2/token': byGrantType(
        new Map([
          ['client_credentials', giveClientCredentials(dependencies)],
          ['refresh_token', refreshTokens(dependencies)],
          ['authorization_code', exchangeCode(dependencies)],
        ]),
      ),
    },
    get: { '/oauth2/userinfo': answerUserInfo(dependencies) },
    redirect: { '/oauth2/authorize': authorizeAgain(dependencies) },
  };
}
