import type {
  ClientType,
  GrantType,
  RestrictionMode,
  SecurityProfile,
  TokenFormat,
} from '../../entities/oauth-client.entity.js';
import type { SubjectType } from '../../services/oauth-client/subject-metadata.js';
import { describeEnum } from '../describe-enum.js';

export const ClientTypeEnum = describeEnum<ClientType>(
  'ClientType',
  'Whether a client can keep a secret (RFC 6749 2.1).',
  {
    CONFIDENTIAL: 'Runs on a server and keeps its secret.',
    PUBLIC: 'Runs on a device or in a browser; has no secret and must use PKCE.',
  },
);

export const GrantTypeEnum = describeEnum<GrantType>('GrantType', 'How a client obtains tokens.', {
  AUTHORIZATION_CODE: 'A person signs in and is sent back with a code (RFC 6749 4.1).',
  REFRESH_TOKEN: 'A token is renewed without the person (RFC 6749 6).',
  CLIENT_CREDENTIALS: 'The client acts as itself, or as its owner (RFC 6749 4.4).',
  DEVICE_CODE: 'A person confirms on another device (RFC 8628).',
  TOKEN_EXCHANGE: 'A back end trades the access token of a person for one of its own, never for more (RFC 8693).',
});

export const TokenFormatEnum = describeEnum<TokenFormat>('TokenFormat', 'What access tokens of a client look like.', {
  OPAQUE: 'A random string, revocable at once.',
  JWT: 'A signed JWT in the form of Open edX.',
});

export const SecurityProfileEnum = describeEnum<SecurityProfile>(
  'SecurityProfile',
  'Which rules a client has to keep beside those for all.',
  {
    STANDARD: 'None.',
    FAPI2:
      'The FAPI 2.0 Security Profile: requests are pushed (PAR), the client proves itself by a key, and tokens are bound to one (DPoP).',
  },
);

export const RestrictionModeEnum = describeEnum<RestrictionMode>(
  'RestrictionMode',
  'How the tokens of a client are restricted. Without token_type=jwt they have expired already, in either mode.',
  {
    SSO_ONLY:
      'Tokens prove a sign-in and open nothing. As JWT they tell for 5 minutes what the person consented to: username and anonymous id; e-mail address with `email`; full name and staff status with `profile`.',
    SCOPED_JWT:
      'Tokens in JWT form are signed with a key of their own, and accepted only where their scopes and limits are enforced.',
  },
);

export const SubjectTypeEnum = describeEnum<SubjectType>(
  'SubjectType',
  'How people are named to a client (OpenID Connect Core 8).',
  {
    PUBLIC: 'By the same name as to all other clients.',
    PAIRWISE: 'By a name that clients of other sites cannot compare with theirs.',
  },
);
