import { type Scope, scopeDescriptions } from '../access/scopes.js';
import type { Words } from '../words/words.js';

/** What a scope allows, in words for the person; the scope itself when it is not one of ours. */
export function describeScope(scope: string, words: Words): string {
  return Object.hasOwn(scopeDescriptions, scope) ? words(scopeDescriptions[scope as Scope]) : scope;
}
