import { Gauge, type Registry } from 'prom-client';
import type { ChangeTopics } from '../resolvers/subscription/change-topics.js';

/** Shows in `/metrics` how many subscriptions are open. */
export function registerSubscriptionMetrics(registry: Registry, topics: Pick<ChangeTopics, 'followerCount'>): void {
  const gauge: Gauge = new Gauge({
    name: 'portico_graphql_subscriptions',
    help: 'Subscriptions that follow changes',
    registers: [registry],
    collect: () => gauge.set(topics.followerCount()),
  });
}
