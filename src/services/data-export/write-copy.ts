import { readAuditSection } from './audit-section.js';
import { type SectionDeps, sections } from './sections.js';

/** Longest copy; what an account has beside its audit is far below. */
const maxBytes = 64 * 1024 * 1024;

const about = [
  'This is what is stored about your account. Times are UTC.',
  'Grades, certificates and what you do in courses are kept by the learning site, not here.',
  'Mails to you are not kept once they are sent. Passwords, codes and tokens are stored as hashes or encrypted, and left out.',
];

/** Writes the copy of a person's data as JSON text, in pieces of any length, so that a long audit is never in memory as a whole. */
export async function* writeCopy(
  deps: SectionDeps,
  accountId: string,
  { siteName, publicUrl, now }: { siteName: string; publicUrl: string; now: Date },
): AsyncGenerator<string> {
  const head = { site: siteName, url: publicUrl, assembledAt: now, notes: about };
  yield `{\n"about": ${format(head)}`;
  for (const [name, read] of Object.entries(sections)) yield `,\n"${name}": ${format(await read(deps, accountId))}`;
  yield ',\n"auditEvents": [';
  yield* limited(deps, accountId);
  yield ']\n}\n';
}

/** The newest events first; of an account that has done very much, the oldest are left out, which the last line says. */
async function* limited(deps: SectionDeps, accountId: string): AsyncGenerator<string> {
  let bytes = 0;
  for await (const event of readAuditSection(deps.em, accountId)) {
    const text = `${bytes > 0 ? ',' : ''}\n${JSON.stringify(event)}`;
    bytes += Buffer.byteLength(text);
    if (bytes > maxBytes) {
      yield `,\n${JSON.stringify({ leftOut: 'Older events; ask for them if you need them.' })}`;
      return;
    }
    yield text;
  }
}

function format(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
