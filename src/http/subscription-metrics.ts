import { Gauge, type Registry } from 'prom-client';
import type { SubscriptionGroups } from '../resolvers/subscription/subscription-groups.js';

/** Shows in `/metrics` how many subscriptions are open, and how many groups of equal ones they make. */
export function registerSubscriptionMetrics(
  registry: Registry,
  groups: Pick<SubscriptionGroups, 'memberCount' | 'groupCount'>,
): void {
  const registers = [registry];
  const subscriptions: Gauge = new Gauge({
    name: 'portico_graphql_subscriptions',
    help: 'Subscriptions that follow changes',
    registers,
    collect: () => subscriptions.set(groups.memberCount()),
  });
  const distinct: Gauge = new Gauge({
    name: 'portico_graphql_subscription_groups',
    help: 'Groups of equal subscriptions: each is listened and answered for once',
    registers,
    collect: () => distinct.set(groups.groupCount()),
  });
}
