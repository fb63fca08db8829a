import { Type } from 'typebox';
import { choicesOf, settingGroups } from './env.js';

interface Setting {
  name: string;
  kind: string;
  default: string;
  description: string;
  example: string | undefined;
}

/** `docs/configuration.md`: every setting with type, default and meaning. */
export function renderConfigurationPage(): string {
  const sections = describedGroups().map(({ title, settings }) =>
    [
      `## ${title}`,
      '',
      '| setting | type | default | meaning |',
      '|---|---|---|---|',
      ...settings.map(
        ({ name, kind, default: value, description, example }) =>
          `| \`${name}\` | ${kind} | ${value === '' ? '' : `\`${value}\``} | ${cell(description)}${example ? ` Example: \`${example}\`` : ''} |`,
      ),
    ].join('\n'),
  );
  return `# Settings

Portico reads environment variables, and a file \`.env\` in the project's folder under them. An empty value counts as unset. This
page is printed from the schema that parses them (\`src/config/env.ts\`).

With nothing set, \`npm start\` brings its own PostgreSQL and a sandbox LMS, and makes up the secrets that those need. As soon as
\`DATABASE_URL\` or \`OPENEDX_API_BASE_URL\` is set, no secret is made up: what is missing stops the start, and all of it is named
at once. \`portico web\` and \`portico worker\` always need everything.

${sections.join('\n\n')}
`;
}

/** `.env.example`: every setting, commented out, with its default or an example. */
export function renderEnvironmentExample(): string {
  const sections = describedGroups().map(({ title, settings }) =>
    [
      `# --- ${title} ---`,
      ...settings.map(
        ({ name, default: value, description, example }) => `# ${description}\n#${name}=${value || example || ''}`,
      ),
    ].join('\n'),
  );
  return `# Copy to .env and uncomment what you need. docs/configuration.md says more.\n\n${sections.join('\n\n')}\n`;
}

function describedGroups(): { title: string; settings: Setting[] }[] {
  return settingGroups.map(({ title, settings }) => ({
    title,
    settings: Object.entries(settings).map(([name, schema]) => ({
      name,
      kind: kindOf(schema),
      default: 'default' in schema && schema.default !== undefined ? String(schema.default) : '',
      description: 'description' in schema ? String(schema.description) : '',
      example: 'examples' in schema && Array.isArray(schema.examples) ? String(schema.examples[0]) : undefined,
    })),
  }));
}

function kindOf(schema: unknown): string {
  if (Type.IsInteger(schema)) return 'integer';
  return (
    choicesOf(schema)
      ?.map((word) => `\`${word}\``)
      .join(', ') ?? 'text'
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
