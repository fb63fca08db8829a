/** Whom a provider says that it has before it. */
export interface ProvenIdentity {
  /** The provider's own name for the person, which never changes and is never given to another. */
  subject: string;
  /** The organization's key for the learner; null when the provider says none. */
  externalKey: string | null;
  email: string | null;
  /** Whether the provider says that the person reads mail there. */
  isEmailVerified: boolean;
  name: string | null;
}

/** What went wrong at, or on the way to, a provider. `denied`: the person, or the provider, said no. */
export type IdentityTrouble = 'denied' | 'unreachable' | 'wrong-answer';

/** A provider did not prove anybody. The message is for the log. */
export class IdentityProviderError extends Error {
  override readonly name = 'IdentityProviderError';
  constructor(
    readonly trouble: IdentityTrouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A claim or attribute as a text; null when it is absent, empty or no text. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
