import { demoPeople } from '../demo/people.js';
import type { Project } from '../project.js';

/** What the terminal shows when everything is up: where things are, who can sign in, what to try. */
export function renderBanner({ plan, config, demoSecrets, sandboxPlace }: Project, seconds: number): string {
  const { publicUrl } = config.http;
  const lines = [`Portico is ready (${seconds.toFixed(1)} s).`, '', row('Portico', publicUrl)];
  if (sandboxPlace)
    lines.push(
      row('Sandbox LMS', sandboxPlace.lmsUrl),
      row('  what it sees', `${sandboxPlace.lmsUrl}/_sandbox/`),
      row('Sandbox Discovery', sandboxPlace.discoveryUrl),
      row('Sandbox Registrar', sandboxPlace.registrarUrl),
      row('Sandbox university', sandboxPlace.identityUrl),
    );
  else lines.push(row('LMS', config.lms.baseUrl));
  lines.push(row('Playground', `${publicUrl}/playground`));
  if (demoSecrets)
    lines.push(
      '',
      ...people(),
      '',
      ...client(demoSecrets.partnerClientSecret),
      '',
      ...next(publicUrl, sandboxPlace?.lmsUrl ?? ''),
    );
  lines.push(
    '',
    plan.hasEmbeddedDatabase ? 'Ctrl-C stops everything; the data stays in .portico/.' : 'Ctrl-C stops it.',
  );
  return `\n${lines.join('\n')}\n`;
}

function people(): string[] {
  return [
    'Sign in as',
    ...demoPeople.map(({ email, password, about }) => row(`  ${email}`, `${password.padEnd(18)} ${about}`)),
  ];
}

function client(secret: string): string[] {
  return ['OAuth client of the partner school DemoU', row('  partner-demo', secret)];
}

function next(publicUrl: string, lmsUrl: string): string[] {
  return [
    'Try',
    `  1. ${lmsUrl} → "Sign in" as ada: nothing is typed into the LMS.`,
    `  2. ${publicUrl}/register: the mail with the code is on ${lmsUrl}/_sandbox/; the LMS account follows by itself.`,
    `  3. ${publicUrl}/playground as root: queries, mutations and a subscription are ready to run.`,
    `  4. ${publicUrl}/login → "Sign in with Demo University": its learners get their courses here.`,
  ];
}

function row(label: string, value: string): string {
  return `  ${label.padEnd(22)} ${value}`;
}
