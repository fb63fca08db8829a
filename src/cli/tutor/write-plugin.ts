import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PluginValues, readPluginValues, renderPlugin } from './plugin-file.js';

/** What became of a file. */
export interface WrittenFile {
  path: string;
  outcome: 'created' | 'updated' | 'unchanged';
}

const pluginName = 'portico.py';
const settingsName = 'portico.env';
/** They hold secrets. */
const ownerOnly = 0o600;

/** The settings of the plugin that lies in a folder, as far as there is one. */
export async function readEarlierPlugin(folder: string): Promise<Partial<Record<keyof PluginValues, string>>> {
  return readPluginValues((await readIfThere(join(folder, pluginName))) ?? '');
}

/**
 * Writes the plugin, and beside it the settings of Portico that fit it.
 *
 * @param settings - for `.env`
 */
export async function writePlugin(
  folder: string,
  values: PluginValues,
  settings: Record<string, string>,
  { isDryRun }: { isDryRun: boolean },
): Promise<WrittenFile[]> {
  if (!isDryRun) await mkdir(folder, { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const files: [string, string][] = [
    [join(folder, pluginName), await renderPlugin(values)],
    [join(folder, settingsName), lines.join('')],
  ];
  return Promise.all(
    files.map(async ([path, text]) => {
      const before = await readIfThere(path);
      if (before === text) return { path, outcome: 'unchanged' as const };
      if (!isDryRun) await writeFile(path, text, { mode: ownerOnly });
      return { path, outcome: before === undefined ? ('created' as const) : ('updated' as const) };
    }),
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
