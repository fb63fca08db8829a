import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { apiView, type View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { enrollmentKey } from '../state.js';
import { isCourseKey } from './course-key.js';

/** `change_email_settings`: whether the caller gets the mails of a course; everybody does who did not opt out. */
export function emailSettingsViews(lms: Lms): View[] {
  return [
    apiView('/api/change_email_settings', { profile: 'P1', methods: { POST: (call) => changeSettings(lms, call) } }),
  ];
}

async function changeSettings({ state }: Lms, call: Call): Promise<Answer> {
  const body: unknown = await call.data();
  const fields: Record<string, unknown> = body !== null && typeof body === 'object' ? { ...body } : {};
  const courseKey = fields.course_id;
  if (typeof courseKey !== 'string' || !isCourseKey(courseKey)) return json({ success: false }, 400);
  const key = enrollmentKey(call.user.username, courseKey);
  // Any value that is not empty subscribes; the form of the dashboard leaves the field out to unsubscribe.
  if (fields.receive_emails) state.optouts.delete(key);
  else state.optouts.set(key, { username: call.user.username, courseKey });
  return json({ success: true });
}
