import { toInstant } from '../../instant.js';
import type { Lms } from '../../lms.js';
import type { Enrollment, Grade } from '../../rows.js';
import { percentOf } from './section-scores.js';

/** The letter of a grade: the highest cutoff that it reaches; null below all of them. */
export function letterOf(cutoffs: Readonly<Record<string, number>>, percent: number): string | null {
  const reached = Object.entries(cutoffs).filter(([, lowest]) => percent >= lowest);
  return reached.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/**
 * Computes a stored grade anew from the scores behind it, as a mode change or an override makes the LMS do, and judges the
 * certificate by it. Without scores the result is 0.
 */
export function regrade(
  { state, announcer }: Lms,
  { username, courseKey }: Pick<Enrollment, 'username' | 'courseKey'>,
  now: Date,
): void {
  const before = state.grade(username, courseKey);
  if (before !== undefined) {
    const percent = percentOf(state, before);
    const letterGrade = letterOf(state.course(courseKey)?.gradeCutoffs ?? {}, percent);
    const after = { ...before, percent, letterGrade, passed: letterGrade !== null };
    state.putGrade(after);
    announcer.graded(before, after);
  }
  judgeCertificate(state.grade(username, courseKey));

  function judgeCertificate(grade: Grade | undefined): void {
    const certificate = state.certificate(username, courseKey);
    if (certificate === undefined || certificate.status.startsWith('audit')) return;
    const isUnfinished = certificate.status === 'notpassing';
    const status = !grade?.passed ? 'notpassing' : isUnfinished ? 'downloadable' : certificate.status;
    if (status === certificate.status) return;
    const changed = { ...certificate, status, modified: toInstant(now) };
    state.putCertificate(changed);
    announcer.certified(certificate, changed);
  }
}
