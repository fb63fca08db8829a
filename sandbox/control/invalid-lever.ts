/** A lever was used with a body that it does not understand; the message says what it expects. */
export class InvalidLever extends Error {
  override readonly name = 'InvalidLever';
}

/** The JSON object of a lever's body. @throws InvalidLever */
export function leverBody(body: Buffer): Record<string, unknown> {
  const value = leverJson(body);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new InvalidLever('The body must be a JSON object.');
  return value as Record<string, unknown>;
}

/** @throws InvalidLever */
export function leverJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new InvalidLever('The body must be JSON.');
  }
}
