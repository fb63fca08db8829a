/** One request of a sign-on that is recorded as a line: what it was and what came back. */
export interface FlowHop {
  readonly target: string;
  readonly status: number;
  /** `Location`, or null when the answer was no redirect. A long one is cut with `…`. */
  readonly location: string | null;
  /** JSON of the answer, where it is shown. */
  readonly body: string | null;
  readonly isPage: boolean;
  /** Names of the cookies that the answer set. */
  readonly sets: readonly string[];
  readonly providerCalls: readonly FlowProviderCall[];
}

interface FlowProviderCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The provider's answer, where it is shown. */
  readonly body: string | null;
}

/** A sign-on under one heading; hops of the start that are as in the full recording are left out. */
export interface RecordedFlow {
  readonly heading: string;
  readonly hops: readonly FlowHop[];
}

const HOP = /^\* `GET (?<target>\S+)` → \*\*(?<status>\d+)\*\*(?<rest>.*)$/;
const CALL = /^ {2}\* LMS → provider: `(?<method>\w+) (?<path>\S+)` → (?<status>\d+)(?: `(?<body>.*)`)?$/;

/** Reads the sign-ons that are written as one line a request. */
export function parseFlows(markdown: string): RecordedFlow[] {
  const flows: { heading: string; hops: (FlowHop & { providerCalls: FlowProviderCall[] })[] }[] = [];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) flows.push({ heading: line.slice(3), hops: [] });
    const flow = flows.at(-1);
    const hop = HOP.exec(line)?.groups;
    const call = CALL.exec(line)?.groups;
    if (hop) flow?.hops.push(parseHop(hop));
    else if (call) {
      const { method = '', path = '', status, body } = call;
      flow?.hops.at(-1)?.providerCalls.push({ method, path, status: Number(status), body: body ?? null });
    }
  }
  return flows.filter(({ hops }) => hops.length > 0);
}

function parseHop({
  target = '',
  status,
  rest = '',
}: Record<string, string>): FlowHop & { providerCalls: FlowProviderCall[] } {
  const [what = '', sets = ''] = rest.split(/ +sets: /);
  const shown = /`(.*)`/.exec(what)?.[1] ?? null;
  const isRedirect = status === '302';
  return {
    target,
    status: Number(status),
    location: isRedirect ? shown : null,
    body: isRedirect ? null : shown,
    isPage: what.includes('(HTML)'),
    sets: sets === '' ? [] : sets.split(', '),
    providerCalls: [],
  };
}
