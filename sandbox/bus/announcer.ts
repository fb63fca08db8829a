import { defaultMode } from '../lms/learning/modes.js';
import type { Certificate, Enrollment, Grade, LmsUser } from '../lms/rows.js';
import type { LmsState } from '../lms/state.js';
import type { EventBus } from './event-bus.js';
import { type EventEntry, writeEvent } from './event-entry.js';
import { certificateOf, enrollmentOf, gradeOf, userData } from './event-payloads.js';
import type { EventType } from './event-types.js';

/** How an event reaches its readers, when not once and at its turn. */
export type Delivery = 'twice' | 'late' | 'spoiled';
export const DELIVERIES: readonly Delivery[] = ['twice', 'late', 'spoiled'];

type Payload = Readonly<Record<string, unknown>>;

/** Tells the event bus what happens in the LMS, in the LMS's manner. Without a bus nobody hears it. */
export class Announcer {
  /** Of an event that is `late`: it comes after the next one. */
  #held: EventEntry[] = [];
  #published = Promise.resolve();

  constructor(
    private readonly state: LmsState,
    private readonly bus: EventBus | undefined,
    private readonly now: () => Date,
  ) {}

  get hasBus(): boolean {
    return this.bus !== undefined;
  }

  /** Resolves when everything that was told so far is there for readers. */
  settled(): Promise<void> {
    return this.#published;
  }

  registered(user: LmsUser): void {
    this.tell('org.openedx.learning.student.registration.completed.v1', { user: userData(user) });
  }

  /** A new enrollment begins in the default mode, whatever was asked for, and is changed to that mode then. */
  enrolled(before: Enrollment | undefined, after: Enrollment): void {
    const changed = (mode: string): void =>
      this.#enrollment('org.openedx.learning.course.enrollment.changed.v1', { ...after, mode });
    if (after.isActive && !before?.isActive) {
      const course = this.state.course(after.courseKey);
      const first = before?.mode ?? (course ? defaultMode(course, this.now()) : 'audit');
      changed(first);
      this.#enrollment('org.openedx.learning.course.enrollment.created.v1', { ...after, mode: first });
      if (first !== after.mode) changed(after.mode);
    } else if (!after.isActive && before?.isActive) {
      changed(after.mode);
      this.#enrollment('org.openedx.learning.course.unenrollment.completed.v1', after);
    } else if (before?.mode !== after.mode) {
      changed(after.mode);
    }
  }

  /** Nothing is published of a learner who has never passed: such an event cannot be written. */
  graded(before: Grade | undefined, after: Grade): void {
    const payload = gradeOf(this.state, before, after, this.now());
    if (payload !== null) this.tell('org.openedx.learning.course.persistent_grade_summary.changed.v1', payload);
  }

  /** Issued, it is created and changed together. */
  certified(before: Certificate | undefined, after: Certificate): void {
    const payload = { certificate: certificateOf(this.state, before, after) };
    if (before === undefined) this.tell('org.openedx.learning.certificate.created.v1', payload);
    this.tell('org.openedx.learning.certificate.changed.v1', payload);
    if (before?.status === 'downloadable' && after.status !== 'downloadable')
      this.tell('org.openedx.learning.certificate.revoked.v1', payload);
  }

  /** Publishes one event after what was told before. */
  tell(type: EventType, payload: Payload, delivery?: Delivery): void {
    if (this.bus === undefined) return;
    const entry = writeEvent(type, payload, this.now());
    if (delivery === 'late') {
      this.#held.push(entry);
      return;
    }
    const spoiled = entry.map(([name, value]): readonly [string, string | Buffer] =>
      name === 'event_data' ? [name, value.slice(0, value.length / 2)] : [name, value],
    );
    const own = delivery === 'spoiled' ? [spoiled] : delivery === 'twice' ? [entry, entry] : [entry];
    this.#publish([...own, ...this.#held.splice(0)]);
  }

  #enrollment(
    type: Extract<EventType, `org.openedx.learning.course.${'enrollment' | 'unenrollment'}.${string}`>,
    row: Enrollment,
  ): void {
    this.tell(type, { enrollment: enrollmentOf(this.state, row) });
  }

  #publish(entries: readonly EventEntry[]): void {
    this.#published = this.#published.then(async () => {
      for (const entry of entries) await this.bus?.publish(entry);
    });
  }
}
