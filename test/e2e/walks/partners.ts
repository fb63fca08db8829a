import type { Inspection } from './inspection.js';

const program = '/partner/programs/masters-in-computer-science';

/** A file of a partner, as a browser sends it. */
export const csvFile = (content: string) => ({
  name: 'enrollments.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(content),
});

/** Somebody of a partner school: nothing yet, then a program, an upload with rows that fail, and a download. */
export async function walkAsPartner({ site, newVisitor }: Inspection): Promise<void> {
  const stranger = await newVisitor();
  await stranger.signUp('nobody-of-a-school');
  await stranger.visit('/partner');

  const { page, check, visit, press, signIn } = await newVisitor();
  await page.goto(`${site.url}/partner`);
  await signIn('dana');
  await page.waitForURL(`${site.url}/partner`);
  await check('the programs of a partner');
  await visit(program);
  await page.getByLabel('CSV file').setInputFiles(csvFile('key;status\n1;enrolled\n'));
  await press('Upload');
  await page.getByText('Save it as CSV with commas.').first().waitFor();
  await check('a file that is none');
  await page.goto(`${site.url}${program}`);
  const rows = ['DU-9001,enrolled', 'DU-9002,Enrolled', 'DU-9003,pending', 'DU-9003,pending', 'a:b,enrolled'];
  await page.getByLabel('CSV file').setInputFiles(csvFile(`student_key,status\n${rows.join('\n')}\n`));
  await press('Upload');
  await page.waitForURL(/\/operations\//);
  await page.getByRole('heading', { name: 'Failed rows' }).waitFor();
  await page.getByText('Done, some rows failed').waitFor();
  await check('failed rows of an upload');
  await page.goto(`${site.url}${program}`);
  await check('a program with uploads');
}
