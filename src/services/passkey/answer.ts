import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { type Static, type TObject, Type } from 'typebox';
import { Value } from 'typebox/value';

const base64url = Type.String({ pattern: '^[\\w-]+$' });
const envelope = { id: base64url, rawId: base64url, type: Type.Literal('public-key') };

/** What a browser sends of a new passkey (`RegistrationResponseJSON`), as far as it is used. */
const registration = Type.Object({
  ...envelope,
  response: Type.Object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })),
  }),
});

/** What a browser sends when a passkey was used (`AuthenticationResponseJSON`), as far as it is used. */
const authentication = Type.Object({
  ...envelope,
  response: Type.Object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: Type.Optional(Type.String()),
  }),
});

/** An answer of a browser, and the challenge that it claims to answer. Nothing of it is proven yet. */
export interface PasskeyAnswer<Response> {
  response: Response;
  challenge: string;
}

/** @param json - of a form; anything at all */
export function parseRegistration(json: string): PasskeyAnswer<RegistrationResponseJSON> | undefined {
  const answer = parse(registration, json);
  return answer && { ...answer, response: { ...answer.response, clientExtensionResults: {} } };
}

/** @param json - of a form; anything at all */
export function parseAuthentication(json: string): PasskeyAnswer<AuthenticationResponseJSON> | undefined {
  const answer = parse(authentication, json);
  return answer && { ...answer, response: { ...answer.response, clientExtensionResults: {} } };
}

function parse<Schema extends TObject<{ response: TObject }>>(
  schema: Schema,
  json: string,
): PasskeyAnswer<Static<Schema>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (!Value.Check(schema, value)) return undefined;
    const { challenge } = decodeClientDataJSON(String(value.response.clientDataJSON));
    return typeof challenge === 'string' && /^[\w-]{43}([\w-]{32})?$/.test(challenge)
      ? { response: value, challenge }
      : undefined;
  } catch {
    // Neither JSON nor what should be JSON inside of it.
    return undefined;
  }
}
