import type { DriftPlace } from '../edx-link/drift-repair.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import type { OperationDefinition } from '../operation/kinds.js';

/**
 * Compares every link with what the LMS says. Each that differs is a row of the report, with the words of `EdxLink.drift`, and
 * gets the jobs that mend what can be mended. A run that was cut short goes on after the last page that was compared.
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
        from: isPlace(run.checkpoint) ? run.checkpoint : undefined,
        async onPage({ rows, total, place }) {
          const results = rows.map(({ username, edxUsername, drift, mended }) => ({
            key: username,
            outcome: 'OK' as const,
            reason: drift.join(', '),
            detail: { edxUsername, drift, mended },
          }));
          await run.record(results, { checkpoint: place });
          await run.progress({ done: place.counts.compared, total });
        },
      }),
  };
}

/** Written by a run of this kind. */
function isPlace(checkpoint: unknown): checkpoint is DriftPlace {
  return typeof checkpoint === 'object' && checkpoint !== null && 'after' in checkpoint && 'counts' in checkpoint;
}
