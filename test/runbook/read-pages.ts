import { readdir, readFile } from 'node:fs/promises';

/** What a page asks its reader to run: `sh run`, `graphql run`, `sh postgres`, … by the words behind the fence. */
export interface RunbookBlock {
  tag: string;
  text: string;
}

export interface RunbookPage {
  /** Without `.md`. */
  name: string;
  title: string;
  text: string;
  blocks: RunbookBlock[];
}

export const runbookFolder = 'docs/runbook';

/** All pages of the runbook, with what is to be run in their order. */
export async function readRunbook(): Promise<RunbookPage[]> {
  const files = (await readdir(runbookFolder)).filter((name) => name.endsWith('.md')).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${runbookFolder}/${file}`, 'utf8');
      const blocks = [...text.matchAll(/^```(\w+ [\w-]+)\n([\s\S]*?)^```$/gm)].map(([, tag = '', body = '']) => ({
        tag,
        text: body,
      }));
      return { name: file.replace(/\.md$/, ''), title: /^# (.+)$/m.exec(text)?.[1] ?? '', text, blocks };
    }),
  );
}
