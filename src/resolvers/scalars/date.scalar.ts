import { GraphQLScalarType } from 'graphql';
import { GraphQLDate } from 'graphql-scalars';

/** A day. RFC 3339 on the wire; inside, as input, its first moment in UTC. */
export const DateScalar = new GraphQLScalarType({
  ...GraphQLDate.toConfig(),
  name: 'Date',
  description: 'A day: the date of RFC 3339, e.g. `2026-11-25`.',
});
