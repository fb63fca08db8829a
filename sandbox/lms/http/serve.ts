import type { IncomingMessage } from 'node:http';
import { FaultEngine } from '../../control/fault-engine.js';
import { isMisconfigured, type Lms } from '../lms.js';
import type { Answer } from './answer.js';
import { Call } from './call.js';
import { dispatch } from './dispatch.js';
import type { RequestHandler } from './listener.js';
import { describeAuth, type RequestLog } from './request-log.js';
import { respond } from './respond.js';
import type { Site } from './site.js';
import type { View } from './view.js';

/** The host that the LMS believes to be when `host-mismatch` is on. */
const OTHER_HOST = 'local.openedx.io';

/** The part of the sandbox under `/_sandbox`, which the LMS knows nothing of. */
export interface ControlPlane {
  readonly requests: RequestLog;
  handle(call: Call): Promise<Answer>;
}

/** Answers every request: levers under `/_sandbox`, the site elsewhere, faults in between, one log entry each. */
export function serveSite(lms: Lms, site: Site, views: readonly View[], control: ControlPlane): RequestHandler {
  const faults = new FaultEngine(lms, site, views);
  const reportCrash = (error: unknown): void => {
    if (!(error instanceof Error && error.name === 'LmsCrash'))
      process.stderr.write(`The sandbox ${site.name} failed: ${error instanceof Error ? error.stack : error}\n`);
  };
  return async (request, response, body) => {
    const call = callOf(lms, site, request, body);
    if (call.path === '/_sandbox' || call.path.startsWith('/_sandbox/')) {
      respond(response, call, await control.handle(call));
      return;
    }
    const startedMs = performance.now();
    const rows = countMembers(body);
    const log = async (status: number): Promise<void> => {
      control.requests.add({
        at: new Date().toISOString(),
        method: call.method,
        path: call.path,
        query: call.rawQuery,
        auth: describeAuth(lms, call),
        purpose: call.header('x-portico-purpose'),
        status,
        ms: Math.round((performance.now() - startedMs) * 1000) / 1000,
        ...(rows !== undefined && { rows }),
      });
    };
    await faults.serve(call, response, () => dispatch(lms, site, views, call, reportCrash), log);
  };
}

/** Of a body that is a JSON array. */
function countMembers(body: Buffer): number | undefined {
  if (body[0] !== 0x5b) return undefined;
  try {
    const members: unknown = JSON.parse(body.toString());
    return Array.isArray(members) ? members.length : undefined;
  } catch {
    return undefined;
  }
}

function callOf(lms: Lms, site: Site, request: IncomingMessage, body: Buffer): Call {
  const { nextHost } = lms.state.settings;
  const isOtherHost = site.name === 'LMS' && isMisconfigured(lms, 'host-mismatch');
  const scheme = request.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const host = isOtherHost ? OTHER_HOST : (request.headers.host ?? new URL(site.rootUrl()).host);
  return new Call({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headers,
    body,
    remoteAddress: request.socket.remoteAddress ?? '',
    now: lms.now(),
    origin: `${scheme}://${host}`,
    linkOrigin: `${scheme}://${nextHost ?? host}`,
    cookieDomain: isOtherHost ? OTHER_HOST : undefined,
  });
}
