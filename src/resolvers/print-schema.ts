import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLSchema, lexicographicSortSchema } from 'graphql';
import { buildGraphSchema } from './schema.js';

/** The public SDL, `@access` included, in an order that does not change with the code's. Ends with a line break. */
export function printGraphSchema(schema: GraphQLSchema = buildGraphSchema()): string {
  return `${printSchemaWithDirectives(lexicographicSortSchema(schema))}\n`;
}
