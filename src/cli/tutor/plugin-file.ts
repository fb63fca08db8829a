import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../environment.js';

/** The settings of the plugin; in Tutor each has the prefix `PORTICO_`. */
export interface PluginValues {
  PUBLIC_URL: string;
  /** Portico as the LMS's containers reach it. */
  INTERNAL_URL: string;
  SITE_NAME: string;
  BACKEND: string;
  LMS_CLIENT_ID: string;
  LMS_CLIENT_SECRET: string;
  API_CLIENT_ID: string;
  API_CLIENT_SECRET: string;
  WORKER_USERNAME: string;
  WORKER_CLIENT_ID: string;
  WORKER_CLIENT_SECRET: string;
}

/** The plugin with stand-ins for its settings, between two marks. */
const pluginSource = join(projectFolder, 'src', 'cli', 'tutor', 'portico.py');
const block = /(?<=\n# values: written by Portico\n)[\s\S]*?(?=\n# end of values\n)/;

/**
 * The text of a Tutor plugin with these settings.
 *
 * @param source - the plugin's own text; for whoever does not run from the built files
 */
export async function renderPlugin(values: PluginValues, source: string = pluginSource): Promise<string> {
  const text = await readFile(source, 'utf8');
  return text.replace(block, (defaults) =>
    Object.entries(values).reduce(
      (written, [name, value]) =>
        written.replace(new RegExp(`("${name}": )"[^"]*"`), (_, key) => `${key}${JSON.stringify(value)}`),
      defaults,
    ),
  );
}

/** The settings that a plugin was written with: an installation keeps its secrets when it is written anew. */
export function readPluginValues(text: string): Partial<Record<keyof PluginValues, string>> {
  const [defaults] = block.exec(text) ?? [''];
  const found = [...defaults.matchAll(/"([A-Z_]+)": ("(?:[^"\\]|\\.)*")/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name, JSON.parse(value ?? '""')]));
}
