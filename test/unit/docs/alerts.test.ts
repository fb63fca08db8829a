import { readdir, readFile } from 'node:fs/promises';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createEvents } from '../../../src/events.js';
import { registerBusMetrics } from '../../../src/http/bus-metrics.js';
import { registerLmsMetrics } from '../../../src/http/lms-metrics.js';
import { registerMetrics } from '../../../src/http/metrics.js';
import { registerWorkMetrics } from '../../../src/http/work-metrics.js';
import { createLogger } from '../../../src/logger.js';

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const runbook = await readFile('docs/runbook.md', 'utf8');
const { groups } = parse(await readFile('docs/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const titleOf = async (path: string) => /^# (.+)$/m.exec(await readFile(path, 'utf8'))?.[1];

/** Every figure by its name, with its labels. */
async function readFigureLabels(): Promise<Map<string, string[]>> {
  const registry = new Registry();
  createEvents({ logger: createLogger('silent'), registry });
  registerMetrics(Fastify(), registry);
  registerWorkMetrics(registry, () => Promise.reject(new Error('there is no database')));
  const readFigures = () => ({ isReachable: false, lag: undefined, pending: undefined });
  registerBusMetrics(registry, { readFigures, countParked: async () => 0 });
  const readState = () => ({ breakers: {}, tokenExpiresAt: undefined });
  registerLmsMetrics(registry, { readState, credentials: 'static', now: () => new Date() });
  const figures = registry
    .getMetricsAsArray()
    .map(({ name, labelNames = [] }: { name: string; labelNames?: string[] }) => [name, labelNames] as const);
  return new Map(figures);
}

test('every alert has a page of its own, which is named in the runbook beside it', async () => {
  const inRunbook = [...runbook.matchAll(/^\| `(\w+)` \| \[(.+)\]\((runbook\/[\w-]+\.md)\) \|$/gm)].map(
    ([, alert, title, path]) => ({ alert, title, path: `docs/${path}` }),
  );
  const fromRules = await Promise.all(
    rules.map(async ({ alert, annotations }) => ({
      alert,
      title: await titleOf(annotations.runbook),
      path: annotations.runbook,
    })),
  );
  expect(inRunbook).toEqual(fromRules);
  expect(new Set(fromRules.map(({ path }) => path)).size).toBe(rules.length);
});

test('every page of an alert says what it means, where to look, what to do, and what it looks like when it is over', async () => {
  for (const { annotations } of rules) {
    const headings = [...(await readFile(annotations.runbook, 'utf8')).matchAll(/^## (.+)$/gm)].map(([, name]) => name);
    expect(headings, annotations.runbook).toEqual(['What it means', 'Look', 'Do', 'Fixed']);
  }
});

test('every page is in the index of the runbook, and every link of a page leads somewhere', async () => {
  const pages = (await readdir('docs/runbook')).sort();
  const linked = [...runbook.matchAll(/\(runbook\/([\w-]+\.md)\)/g)].map(([, name = '']) => name);
  expect(linked.toSorted()).toEqual(pages);
  for (const page of pages) {
    const text = await readFile(`docs/runbook/${page}`, 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+\.(?:md|yml))\)/g))
      await expect(readFile(`docs/runbook/${link}`), `${page}: ${link}`).resolves.toBeDefined();
  }
});

test('alerts ask for figures that Portico has, by labels that those have', async () => {
  const figures = await readFigureLabels();
  for (const { alert, expr } of rules) {
    for (const [, name = '', labels = ''] of expr.matchAll(
      /\b((?:portico|lms|http|job|token|enrollment|worker|user)_\w+)(?:\{([^}]*)\})?/g,
    )) {
      const known = figures.get(name.replace(/_count$/, '')) ?? figures.get(name);
      expect(known, `${alert}: ${name}`).toBeDefined();
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*"/g))
        expect(known, `${alert}: ${name}`).toContain(label);
    }
    const grouped = /by \((\w+)\)/.exec(expr)?.[1];
    const told = /\$labels\.(\w+)/.exec(rules.find((rule) => rule.alert === alert)?.annotations.summary ?? '')?.[1];
    expect(told, alert).toBe(grouped);
  }
});
