import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import type { CreateGraphContext } from '../resolvers/context.js';
import type { SubscriptionGroups } from '../resolvers/subscription/subscription-groups.js';
import type { Authenticate } from './authenticate.js';
import type { FinishOperation } from './finish-operation.js';
import type { ConnectionCounter } from './socket-limits.js';

/** What the doors share that keep a connection open: sockets and event streams. */
export interface LiveOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  createContext: CreateGraphContext;
  introspection: 'staff' | 'off';
  /** Web origins whose pages may connect by cookie: our own among them. */
  allowedOrigins: readonly string[];
  groups: SubscriptionGroups;
  /** One count for all doors. */
  connections: ConnectionCounter;
  readDocument: (text: string) => DocumentNode | GraphQLError[];
  finish: FinishOperation;
  logger: Logger;
}
