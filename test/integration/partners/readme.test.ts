import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { seedDemo } from '../../../src/cli/demo/seed-demo.js';
import { testClients } from '../../support/settings.js';
import { startGateway } from '../../support/start-gateway.js';

const partnerClientSecret = 'test-partner-client-secret-0123456789';

/** The lines of README.md that begin a certain way. */
async function printedLines(beginning: RegExp): Promise<string[]> {
  const text = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  return text.split('\n').filter((line) => beginning.test(line));
}

/** Does what curl does with `-d`, `-H` and an address, so that the machine needs none. */
async function curl(line: string): Promise<Record<string, unknown>> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);
  const data: string[] = [];
  const headers = new Headers();
  let address: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const value = words[at + 1] ?? '';
    if (word === '-d') data.push(value);
    else if (word === '-H') headers.set(value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1).trim());
    else {
      if (address !== undefined) throw new Error(`not understood in ${line}: ${word}`);
      address = word;
      continue;
    }
    at++;
  }
  if (data.length > 0) headers.set('content-type', 'application/x-www-form-urlencoded');
  const answer = await fetch(address ?? '', {
    headers,
    ...(data.length > 0 && { method: 'POST', body: data.join('&') }),
  });
  expect(answer.status, line).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

test('the example of the ID mapping works in a fresh demo as README.md prints it', async () => {
  await using gateway = await startGateway({ sandbox: 'demo' });
  await seedDemo(gateway.context, { lmsClientSecret: testClients.sso.clientSecret, partnerClientSecret });
  const here = (line: string) => line.replaceAll('http://localhost:8053', gateway.url);

  const [tokenLine = '', ...others] = await printedLines(/^curl .*client_id=partner-demo/);
  expect(others).toEqual([]);
  const token = await curl(here(tokenLine).replace('SECRET', partnerClientSecret));
  const requests = await printedLines(/^curl .*third_party_auth/);
  const pages = [];
  for (const line of requests) pages.push(await curl(here(line).replace('TOKEN', String(token.access_token))));

  const ada = { username: 'ada', remote_id: 'ada' };
  const sam = { username: 'sam', remote_id: 'sam' };
  const both = expect.objectContaining({ count: 2, results: expect.arrayContaining([ada, sam]) });
  const all = expect.objectContaining({
    page: 1,
    page_size: 10,
    count: 3,
    results: expect.arrayContaining([ada, sam]),
  });
  expect(pages).toEqual([all, both, both, both, both]);
});
