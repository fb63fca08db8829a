import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** An operation of a document that was parsed and validated before. */
export interface KnownOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

/** Documents that were found good once, by their text. */
export interface KnownDocuments {
  remember(text: string, document: DocumentNode): void;
  /** @returns nothing for an unknown text, or a name that does not tell which operation is meant */
  find(text: string, operationName: string | null | undefined): KnownOperation | undefined;
}

const documentsRemembered = 1000;
/** Longer ones are rare, and would let strangers fill the memory. */
const longestTextRemembered = 16_384;

export function createKnownDocuments(): KnownDocuments {
  const known = new LRUCache<string, DocumentNode>({ max: documentsRemembered });
  return {
    remember(text, document) {
      if (text.length <= longestTextRemembered) known.set(text, document);
    },
    find(text, operationName) {
      const document = known.get(text);
      const operation = document && getOperationAST(document, operationName);
      return document && operation ? { document, operation } : undefined;
    },
  };
}
