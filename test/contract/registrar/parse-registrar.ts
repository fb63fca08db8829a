import { readdirSync, readFileSync } from 'node:fs';

/** Recordings of a Registrar; their README explains the notation, the people and the data. */
export const RECORDINGS = new URL('../../fixtures/transcripts/registrar/', import.meta.url);

/** What Registrar was asked, what it answered, and what came of the job that it began. */
export interface RegistrarExchange {
  /** Without `.md`. */
  file: string;
  /** From 1, in its file: the number of its heading, or the last one and a letter where a heading has several. */
  number: string;
  heading: string;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string;
  status: number;
  answerHeaders: Record<string, string>;
  answer: string;
  job?: { state: string; text: string | null };
  /** The file that the job left. */
  result?: string;
  /** What Registrar sent upstream, e.g. `LMS: PUT /api/…`, with the body below and, after an arrow, what it was answered. */
  upstream: { server: string; method: string; path: string; body: string; answer: string }[];
}

export function recordingNames(): string[] {
  return readdirSync(RECORDINGS)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => name.slice(0, -3));
}

/** Reads one recording. */
export function parseRegistrar(file: string): RegistrarExchange[] {
  const lines = readFileSync(new URL(`${file}.md`, RECORDINGS), 'utf8').split('\n');
  const exchanges: RegistrarExchange[] = [];
  let [heading, number, inHeading] = ['', '0', 0];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const found = /^### (\d+)\. (.*)$/.exec(line);
    if (found) [number, heading, inHeading] = [found[1] ?? '', found[2] ?? '', 0];
    const last = exchanges.at(-1);
    if (last) readJob(line, last);
    const fence = /^```(http|result|upstream)$/.exec(line)?.[1];
    if (!fence) continue;
    const end = lines.indexOf('```', at + 1);
    const block = lines.slice(at + 1, end);
    at = end;
    if (fence === 'http') {
      inHeading += 1;
      const place = inHeading === 1 ? number : `${number}${String.fromCharCode(96 + inHeading)}`;
      exchanges.push({ file, number: place, heading, ...parseExchange(block), upstream: [] });
    } else if (fence === 'result' && last) last.result = block.join('\n');
    else last?.upstream.push(...parseUpstream(block));
  }
  return exchanges;
}

function readJob(line: string, exchange: RegistrarExchange): void {
  const polled = /^(?:Final poll|First poll|First poll already|After 3 s): `(\{.*\})`/.exec(line)?.[1];
  if (polled) exchange.job = JSON.parse(polled) as { state: string; text: string | null };
  const told = /^Job: (\w[\w ]*), text (?:"(\d+)"|null)/.exec(line);
  if (told) exchange.job = { state: told[1] ?? '', text: told[2] ?? null };
}

type Message = Pick<
  RegistrarExchange,
  'method' | 'target' | 'headers' | 'body' | 'status' | 'answerHeaders' | 'answer'
>;

function parseExchange(block: readonly string[]): Message {
  const split = block.findIndex((line) => line.startsWith('HTTP/1.1 '));
  const request = parseMessage(block.slice(0, split));
  const answer = parseMessage(block.slice(split));
  const [, method = '', target = ''] = /^(\S+) (\S+)/.exec(request.head) ?? [];
  return {
    method,
    target,
    headers: request.headers,
    body: request.body,
    status: Number(answer.head.split(' ')[1]),
    answerHeaders: answer.headers,
    answer: answer.body,
  };
}

function parseMessage([head = '', ...rest]: readonly string[]) {
  const blank = rest.indexOf('');
  const headerLines = blank === -1 ? rest : rest.slice(0, blank);
  const headers = Object.fromEntries(
    headerLines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon === -1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]];
    }),
  );
  const body = blank === -1 ? [] : rest.slice(blank + 1);
  while (body.at(-1) === '') body.pop();
  return { head, headers, body: body.join('\n') };
}

function parseUpstream(block: readonly string[]): RegistrarExchange['upstream'] {
  const calls: RegistrarExchange['upstream'] = [];
  let isAnswer = false;
  for (const line of block) {
    const call = /^(LMS|Discovery): ([A-Z]+) (\S+)$/.exec(line);
    if (call) {
      calls.push({ server: call[1] ?? '', method: call[2] ?? '', path: call[3] ?? '', body: '', answer: '' });
      isAnswer = false;
    } else if (line.startsWith('→')) {
      isAnswer = true;
      const last = calls.at(-1);
      if (last) last.answer = line.slice(2);
    } else if (!isAnswer && /^[[{]/.test(line)) {
      const last = calls.at(-1);
      if (last) last.body += line;
    }
  }
  return calls;
}
