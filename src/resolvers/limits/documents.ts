import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import { documentLimitsRule } from './document-limits.rule.js';
import { limits } from './limits.js';
import { storableTextRule } from './storable-text.js';

const cachedDocuments = 500;

/**
 * Parses and validates documents as the HTTP side does, for transports that do not pass there; remembers the good ones.
 *
 * @returns a function that answers the document, or what is wrong with it
 */
export function createDocuments(schema: GraphQLSchema): (text: string) => DocumentNode | GraphQLError[] {
  const known = new LRUCache<string, DocumentNode>({ max: cachedDocuments });
  return (text) => {
    const cached = known.get(text);
    if (cached) return cached;
    const document = parseWithinLimits(text);
    if (Array.isArray(document)) return document;
    const errors = validate(schema, document, [...specifiedRules, documentLimitsRule, storableTextRule], {
      maxErrors: 20,
      hideSuggestions: true,
    });
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    known.set(text, document);
    return document;
  };
}

function parseWithinLimits(text: string): DocumentNode | GraphQLError[] {
  try {
    return parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions } = error;
  return new GraphQLError(error.message, {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { code },
  });
}
