import { ConfigurationError } from '../../config/config.js';
import type { ProcessEnvironment } from '../environment.js';

/** What `portico start` brings along because nothing else is configured. */
export interface RunPlan {
  hasEmbeddedDatabase: boolean;
  /** Then there are demo people and clients, too. */
  hasSandbox: boolean;
  /** Whether secret keys and the like are made up: only where nothing at all is configured. */
  hasGeneratedSecrets: boolean;
}

/**
 * Decides by what is set: without `DATABASE_URL` a PostgreSQL is brought along, without `OPENEDX_API_BASE_URL` a sandbox LMS.
 *
 * @throws {@link ConfigurationError} when a public URL is set, but no LMS: known passwords must not be reachable from elsewhere
 */
export function planRun(env: ProcessEnvironment): RunPlan {
  const hasEmbeddedDatabase = !env.DATABASE_URL;
  const hasSandbox = !env.OPENEDX_API_BASE_URL;
  if (hasSandbox && env.PORTICO_PUBLIC_URL && !isLoopback(env.PORTICO_PUBLIC_URL))
    throw new ConfigurationError([
      'OPENEDX_API_BASE_URL is not set, but PORTICO_PUBLIC_URL is: the sandbox LMS runs on localhost only',
    ]);
  return { hasEmbeddedDatabase, hasSandbox, hasGeneratedSecrets: hasEmbeddedDatabase && hasSandbox };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
