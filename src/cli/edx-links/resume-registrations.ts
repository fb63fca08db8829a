import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

/** `portico resume-registrations`: forgets the pauses between registrations, and has those that wait be tried now. */
export async function resumeRegistrationsOfAll({ json }: { json: boolean }): Promise<void> {
  await using opened = await openContext();
  const hadPaused = await opened.context.services.edxLinks.resumeRegistrations();
  printAnswer(json, { resumed: hadPaused }, [
    hadPaused ? 'Registrations go on.' : 'Registrations had not paused: nothing was to be done.',
  ]);
}
