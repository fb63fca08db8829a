import type { Header, ProviderCall, RecordedAnswer, RecordedExchange, RecordedRequest } from './exchange.js';

type Growing = Omit<RecordedExchange, 'providerCalls' | 'jwt'> & {
  providerCalls: ProviderCall[];
  jwt: RecordedExchange['jwt'];
};

/** Reads one recording: Markdown with a fenced `http` block for each exchange. */
export function parseRecording(file: string, markdown: string): RecordedExchange[] {
  const exchanges: Growing[] = [];
  let [section, heading] = ['', ''];
  let providerRequest: RecordedRequest | null = null;
  for (const { kind, text } of parts(markdown)) {
    const last = exchanges.at(-1);
    if (kind === 'section') [section, heading] = [text, ''];
    else if (kind === 'heading') heading = text;
    else if (kind === 'json' && last !== undefined) last.jwt = parseJwt(text);
    else if (kind === 'http') {
      const [request, answer] = splitExchange(text);
      if (request !== null && answer !== null)
        exchanges.push({ file, section, heading, request, answer, providerCalls: [], jwt: null });
      // A block of one half is the LMS's own call to its provider, or the provider's answer to it.
      else if (request !== null) providerRequest = request;
      else if (answer !== null && providerRequest !== null)
        last?.providerCalls.push({ request: providerRequest, answer });
    }
  }
  return exchanges;
}

interface Part {
  readonly kind: 'section' | 'heading' | 'http' | 'json';
  readonly text: string;
}

function* parts(markdown: string): Generator<Part> {
  let fence: { kind: string; lines: string[] } | null = null;
  for (const line of markdown.split('\n')) {
    if (fence !== null && line === '```') {
      if (fence.kind === 'http' || fence.kind === 'json') yield { kind: fence.kind, text: fence.lines.join('\n') };
      fence = null;
    } else if (fence !== null) fence.lines.push(line);
    else if (line.startsWith('```')) fence = { kind: line.slice(3), lines: [] };
    else if (line.startsWith('### ')) yield { kind: 'heading', text: line.slice(4) };
    else if (line.startsWith('## ')) yield { kind: 'section', text: line.slice(3) };
  }
}

function splitExchange(text: string): [RecordedRequest | null, RecordedAnswer | null] {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith('HTTP/1.1 '));
  return [
    at === 0 ? null : parseRequest(at === -1 ? lines : lines.slice(0, at)),
    at === -1 ? null : parseAnswer(lines.slice(at)),
  ];
}

function parseRequest(lines: readonly string[]): RecordedRequest {
  const { head, headers, body } = splitMessage(lines);
  const [, method = '', target = ''] = /^([A-Z]+) (.*?)(?: HTTP\/1\.1)?$/.exec(head) ?? [];
  return { method, target, headers, body };
}

function parseAnswer(lines: readonly string[]): RecordedAnswer {
  const { head, headers, body } = splitMessage(lines);
  return { status: Number(head.split(' ')[1]), headers, body };
}

function splitMessage([head = '', ...rest]: readonly string[]): {
  head: string;
  headers: Header[];
  body: string | null;
} {
  const blank = rest.indexOf('');
  const headerLines = blank === -1 ? rest : rest.slice(0, blank);
  const headers = headerLines.map((line): Header => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const body =
    blank === -1
      ? ''
      : rest
          .slice(blank + 1)
          .join('\n')
          .trim();
  return { head, headers, body: body === '' ? null : body };
}

function parseJwt(text: string): { header: string; claims: string } {
  const end = text.indexOf('\n');
  return { header: text.slice(0, end), claims: text.slice(end + 1) };
}
