import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Looks for what stands in somebody's way: the rules of WCAG 2.2 A and AA and best practices, contrast by day and by night,
 * and nothing that sticks out at the side of a small phone.
 */
export async function problemsOf(page: Page, name: string): Promise<string[]> {
  await page.evaluate(axe.source);
  const byDay = await runRules(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const byNight = await runRules(page, { runOnly: ['color-contrast'] });
  await page.emulateMedia({ colorScheme: 'light' });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  return [
    ...[...byDay, ...byNight].flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${name}: ${id} ${target} ${failureSummary}`),
    ),
    ...(overflow === 0 ? [] : [`${name}: ${overflow} pixels too wide`]),
  ];
}

/** The editor of the playground is GraphiQL's own; what we put around it is looked at. */
const notOurs = ['.graphiql-container'];

async function runRules(page: Page, choice: { runOnly?: string[] } = {}): Promise<AxeResults['violations']> {
  const context = JSON.stringify({ exclude: notOurs });
  const options = JSON.stringify({ ...choice, resultTypes: ['violations'] });
  return page.evaluate(`axe.run(${context}, ${options}).then(({ violations }) => violations)`);
}
