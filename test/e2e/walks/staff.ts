import type { Inspection } from './inspection.js';

/** What only staff see. */
export async function walkAsStaff({ site, newVisitor }: Inspection): Promise<void> {
  const { page, check, signIn } = await newVisitor();
  await page.goto(`${site.url}/playground`);
  await signIn('root');
  await page.waitForURL(`${site.url}/playground`);
  await page.locator('.graphiql-query-editor .view-lines').first().waitFor();
  await check('the playground');
}
