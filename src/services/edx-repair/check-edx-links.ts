import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import type { OperationDefinition } from '../operation/kinds.js';

/**
 * Compares every link with what the LMS says. Each that differs is a row of the report, with the words of `EdxLink.drift`, and
 * gets the jobs that mend what can be mended.
 */
export function createCheckEdxLinks({
  edxLinks,
}: {
  edxLinks: Pick<EdxLinkService, 'repairDrift'>;
}): OperationDefinition<'CHECK_EDX_LINKS'> {
  return {
    isJoined: true,
    run: (run) =>
      edxLinks.repairDrift({
        signal: run.signal,
        onProgress: (progress) => run.progress(progress),
        onDrift: ({ username, edxUsername, drift, mended }) =>
          run.record([
            { key: username, outcome: 'OK', reason: drift.join(', '), detail: { edxUsername, drift, mended } },
          ]),
      }),
  };
}
