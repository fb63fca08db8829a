import { type Scope, scopeDescriptions } from '../access/scopes.js';

/** What a scope allows, in words for the person; the scope itself when it is not one of ours. */
export function describeScope(scope: string): string {
  return Object.hasOwn(scopeDescriptions, scope) ? scopeDescriptions[scope as Scope] : scope;
}
