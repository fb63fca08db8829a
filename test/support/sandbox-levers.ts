/** One call that the sandbox received. */
export interface SandboxRequest {
  seq: number;
  method: string;
  path: string;
  query: string;
  auth: string;
  purpose: string;
  status: number;
  /** Members of a body that is an array. */
  rows?: number;
}

export interface SandboxFault {
  match: string;
  method?: string;
  mode: string;
  times?: number;
  ms?: number;
  /** Of the mode `answer`. */
  status?: number;
  body?: unknown;
}

/** The levers of a running sandbox, over HTTP as anyone pulls them. */
export interface SandboxLevers {
  /** Calls that somebody waited for: jobs and schedules left out. */
  requests(): Promise<SandboxRequest[]>;
  /** How many of those calls went to paths that match. */
  count(path: RegExp): Promise<number>;
  forgetRequests(): Promise<void>;
  faults(faults: SandboxFault[]): Promise<void>;
  heal(): Promise<void>;
  settings(settings: Record<string, unknown>): Promise<void>;
  grade(grade: { username: string; courseKey: string; percent: number; letterGrade: string }): Promise<void>;
  seed(seed: { users: number; courses: number; enrollmentsPerUser: number; seed: number }): Promise<void>;
}

/**
 * Pulls one lever of a sandbox.
 *
 * @param lmsUrl - without trailing slash
 * @param lever - below `/_sandbox/`, e.g. `faults`
 * @throws when the sandbox refuses
 */
export async function pullLever(lmsUrl: string, method: string, lever: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${lmsUrl}/_sandbox/${lever}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${lever}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** @param lmsUrl - of the sandbox, without trailing slash */
export function sandboxLevers(lmsUrl: string): SandboxLevers {
  const pull = (method: string, lever: string, body?: unknown) => pullLever(lmsUrl, method, lever, body);
  const act = async (method: string, lever: string, body?: unknown): Promise<void> => {
    await pull(method, lever, body);
  };
  const requests = async () => {
    const all = (await pull('GET', 'requests')) as SandboxRequest[];
    return all.filter(({ purpose, path }) => !['job', 'schedule'].includes(purpose) && !path.startsWith('/_sandbox'));
  };
  return {
    requests,
    count: async (path) => (await requests()).filter((request) => path.test(request.path)).length,
    forgetRequests: () => act('DELETE', 'requests'),
    faults: (faults) => act('PUT', 'faults', faults),
    heal: () => act('DELETE', 'faults'),
    settings: (settings) => act('PUT', 'settings', settings),
    grade: (grade) => act('PUT', 'grades', grade),
    seed: (seed) => act('POST', 'seed', seed),
  };
}
