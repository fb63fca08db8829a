import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  type GraphQLEnumType,
  GraphQLSchema,
  GraphQLString,
  isEnumType,
} from 'graphql';

/** The same schema with `@access` defined, so that tools read its arguments as what they are. */
export function withAccessDirective(schema: GraphQLSchema): GraphQLSchema {
  const role = schema.getType('Role');
  if (!isEnumType(role)) throw new Error('the schema has no enum Role for @access to name');
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, accessDirective(role)] });
}

function accessDirective(role: GraphQLEnumType): GraphQLDirective {
  return new GraphQLDirective({
    name: 'access',
    description:
      'Who may reach this field: scope (if the caller holds a token) AND (role, OR, with own, the row is the viewer’s). Without arguments it is open to whoever can reach the object.',
    locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args: {
      scope: { type: GraphQLString, description: 'Scopes separated by spaces; a token needs any one of them.' },
      role: { type: role, description: 'Role that opens the field whoever the row belongs to.' },
      own: {
        type: GraphQLBoolean,
        defaultValue: false,
        description: 'Whether the field is open to the account that the row belongs to.',
      },
      ownScope: {
        type: GraphQLString,
        description: 'Further scopes that do for a token when the row is the viewer’s own.',
      },
    },
  });
}
