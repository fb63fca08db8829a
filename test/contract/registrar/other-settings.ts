import type { RegistrarStage } from './registrar-stage.js';

const places = '/api/program_enrollments/*';

/** What takes the place of Registrar's settings before an exchange, by `file number`. */
export const otherSettings: Record<string, (stage: RegistrarStage) => Promise<void>> = {
  // “The LMS needs 4 s for the second batch”, which is longer than a job may take there.
  'settings-variants 1': ({ site }) =>
    site.lms.faults([
      { match: places, method: 'PUT', mode: 'slow', ms: 0, times: 1 },
      { match: places, method: 'PUT', mode: 'slow', ms: 200, times: 1 },
    ]),
  // “LMS resets the connection”
  'settings-variants 6': ({ site }) => site.lms.faults([{ match: places, mode: 'reset' }]),
  'settings-variants 7': ({ site }) => site.lms.heal(),
};
