import { InvalidInputError } from '../../errors.js';

/** The keys by which a client proves itself, as people give them: one of the two. */
export interface ClientKeysInput {
  /** A JSON Web Key Set (RFC 7517), as text or read already. */
  jwks?: string | object | null | undefined;
  /** Where the client publishes it. */
  jwksUri?: string | null | undefined;
}

/**
 * Metadata of a client that proves itself by keys (`private_key_jwt`, RFC 7523), in place of a secret.
 *
 * @param before - metadata that the client has already; what it says of keys is replaced
 * @returns nothing when the input names no keys
 * @throws {@link InvalidInputError} when they are no set of public keys
 */
export function readClientKeys(
  { jwks, jwksUri }: ClientKeysInput,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> | undefined {
  if (jwks == null && jwksUri == null) return undefined;
  if (jwks != null && jwksUri != null) throw refuse('jwksUri', 'Give the keys or where they are, not both.');
  const { jwks: _jwks, jwks_uri: _jwksUri, ...others } = before;
  const keys = jwks == null ? { jwks_uri: jwksUri } : { jwks: parseKeySet(jwks) };
  return { ...others, token_endpoint_auth_method: 'private_key_jwt', ...keys };
}

function parseKeySet(given: string | object): { keys: object[] } {
  const set = typeof given === 'string' ? parseJson(given) : given;
  const keys: unknown = set instanceof Object && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw refuse('jwks', 'A key set has at least one key (RFC 7517).');
  return { keys: keys.map(requirePublicKey) };
}

/** Whoever sends us a private key has given it away, and should hear so before it is stored. */
function requirePublicKey(key: unknown): object {
  if (!(key instanceof Object) || !('kty' in key) || key.kty === 'oct' || 'd' in key)
    throw refuse('jwks', 'A key set has public keys only.');
  return key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse('jwks', 'A key set is a JSON document (RFC 7517).', error);
  }
}

function refuse(field: keyof ClientKeysInput, message: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(message, { field: [field], reason: 'INVALID_KEYS' }, { cause });
}
