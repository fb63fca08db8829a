import { UpstreamUnavailableError } from '../../errors.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { RegistrarClient } from './registrar-client.js';

const mostHops = 3;

/**
 * Fetches the file that a job has left, as JSON. It is asked for without credentials, which its address carries itself, and only where
 * the operator says that such files are: an address is other people's input, and this machine may reach what they may not.
 *
 * @throws UpstreamUnavailableError when it lies elsewhere, is gone, or is no JSON
 */
export async function readJobResult(client: RegistrarClient, url: URL, options: CallOptions): Promise<unknown> {
  let at = url;
  for (let hop = 0; hop <= mostHops; hop += 1) {
    const found = await fetchFrom(client, at, options);
    if (!(found instanceof URL)) return parse(found);
    at = found;
  }
  throw unavailable('registrar', 'bad-answer', { cause: new Error('the result file is redirected again and again') });
}

async function fetchFrom(client: RegistrarClient, at: URL, options: CallOptions): Promise<string | URL> {
  if (!client.resultOrigins.includes(at.origin) || at.username !== '' || at.password !== '')
    throw new UpstreamUnavailableError(
      `Registrar keeps its result files at ${at.origin}, where Portico was not told to look. If that is right, add it to REGISTRAR_RESULT_ORIGINS.`,
      { upstream: 'registrar', why: 'bad-answer' },
    );
  return client.requestFile(
    at.origin,
    {
      operation: 'job-result.read',
      family: 'results',
      method: 'GET',
      path: at.pathname + at.search,
      headers: { accept: '*/*' },
      credentials: 'none',
      isIdempotent: true,
      isFile: true,
      read: (answer) => readFile(answer, at),
    },
    options,
  );
}

function readFile({ status, file }: UpstreamAnswer, at: URL): string | URL {
  const location = file?.location;
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, at.href))
    return new URL(location, at);
  if (status >= 300 || file === undefined)
    throw unavailable('registrar', 'bad-answer', {
      status,
      cause: new Error(`its result file cannot be fetched (status ${status})`),
    });
  return file.text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a cut-off answer, which would be worth another try: the file was read to its end.
    throw unavailable('registrar', 'bad-answer', { cause: new Error('its result file is no JSON') });
  }
}
