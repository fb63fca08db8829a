import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/**
 * Looks for what stands in somebody's way: the rules of WCAG 2.2 A and AA and best practices, contrast by day and by night,
 * and nothing that sticks out at the side of a small phone.
 */
export async function problemsOf(page: Page, name: string): Promise<string[]> {
  // Legacy mode does without the second page that axe opens for frames, of which there are none.
  const byDay = await new AxeBuilder({ page }).setLegacyMode().analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  const byNight = await new AxeBuilder({ page }).setLegacyMode().withRules(['color-contrast']).analyze();
  await page.emulateMedia({ colorScheme: 'light' });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  return [
    ...[...byDay.violations, ...byNight.violations].flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${name}: ${id} ${target} ${failureSummary}`),
    ),
    ...(overflow === 0 ? [] : [`${name}: ${overflow} pixels too wide`]),
  ];
}
