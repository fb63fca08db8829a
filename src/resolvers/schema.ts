import 'reflect-metadata';
import { type GraphQLSchema, isInputObjectType } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { withAccessDirective } from './access/access.directive.js';
import { guardFields } from './access/guard-fields.js';
import { AccountResolver } from './account/account.resolver.js';
import { DateTimeScalar } from './scalars/date-time.scalar.js';

const resolvers: NonEmptyArray<new () => object> = [AccountResolver];

/**
 * Builds the graph: every resolver, every access declaration compiled into it.
 *
 * @throws Error when a field declares no access, or the types do not fit together
 */
export function buildGraphSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    validate: false,
  });
  for (const type of Object.values(schema.getTypeMap()))
    if (isInputObjectType(type) && type.extensions.oneOf === true) type.isOneOf = true;
  guardFields(schema);
  return withAccessDirective(schema);
}
