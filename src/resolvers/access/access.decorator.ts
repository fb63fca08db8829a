import { Extensions } from 'type-graphql';
import type { Access as Declaration } from '../../access/policy.js';

/** An access declaration as a field carries it: the policy's words, and where the owner of the row is found. */
export interface FieldAccess extends Declaration {
  /**
   * Id of the account that the field concerns. Without it the source object's `ownerId`; needed where the owner comes from
   * the arguments, as in mutations and subscriptions. `viewer` stands for whoever asks.
   */
  readonly owner?: 'viewer' | ((args: Record<string, unknown>) => string);
}

/**
 * Declares who may reach a field, or every field of a type that declares nothing of its own. Printed as `@access` in the SDL
 * and enforced by `guardFields`; a field without a declaration keeps the schema from being built. Without arguments: open to
 * whoever can reach the object.
 */
export function Access(access: FieldAccess = {}): ClassDecorator & MethodDecorator & PropertyDecorator {
  return Extensions({ access });
}
