import { html as markup } from 'ghtml';
import type { RequestLog } from '../lms/http/request-log.js';
import type { Site } from '../lms/http/site.js';
import type { Lms } from '../lms/lms.js';
import { pageLayout } from '../lms/pages/layout.js';
import { MISCONFIGURATIONS } from '../lms/rows.js';
import { showFault } from './fault-list.js';

/** Rows of one table; the rest is counted. */
const SHOWN_ROWS = 100;

/** `GET /_sandbox/`: what the sandbox holds, and its switches, for a person to look at. */
export function overviewPage(lms: Lms, site: Site, requests: RequestLog): string {
  const { state } = lms;
  const calls = requests.since(0);
  const sections: readonly (readonly [id: string, title: string, body: string])[] = [
    ['mail', `Mail (${state.mail.size})`, mail(lms)],
    ['people', `People (${state.users.size})`, people(lms)],
    ['courses', `Courses (${state.courses.size})`, courses(lms)],
    ['enrollments', `Enrollments and grades (${state.enrollments.size})`, enrollments(lms)],
    ['calls', `Recent calls (${calls.length})`, recentCalls(calls)],
    ['switches', 'Switches', switches(lms, site)],
  ];
  const links = sections.map(([id, title]) => markup`<li><a href="${`#${id}`}">${title}</a></li>`).join('');
  const body = sections
    .map(
      ([id, title, content]) =>
        markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>!${content}</section>`,
    )
    .join('\n');
  return pageLayout(
    lms,
    'Sandbox',
    null,
    markup`<h1>Sandbox</h1><p>What this stand-in for an LMS holds, and what it was asked. Levers for scripts are under <code>/_sandbox/</code>.</p><nav aria-label="Sections"><ul>!${links}</ul></nav>!${body}`,
  );
}

/** A table of cells that are escaped here; of long lists, the first rows. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => markup`<th scope="col">${text}</th>`).join('');
  const body = rows
    .slice(0, SHOWN_ROWS)
    .map((cells) => `<tr>${cells.map((text) => markup`<td>${text}</td>`).join('')}</tr>`);
  const more = rows.length > SHOWN_ROWS ? markup`<p>${rows.length - SHOWN_ROWS} more are not shown.</p>` : '';
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>!${head}</tr></thead><tbody>!${body.join('')}</tbody></table></div>!${more}`;
}

function people({ state }: Lms): string {
  const rows = [...state.users.values()].map((user) => [
    String(user.id),
    user.username,
    user.email,
    [user.isActive ? '' : 'inactive', user.isStaff ? 'staff' : '', user.isSuperuser ? 'superuser' : '']
      .filter(Boolean)
      .join(', '),
    state.linksByUsername
      .of(user.username.toLowerCase())
      .map(({ uid }) => uid)
      .join(', ') || 'not linked',
  ]);
  return table('LMS users', ['Id', 'Username', 'E-mail', 'Flags', 'Portico identity'], rows);
}

function courses({ state }: Lms): string {
  const rows = [...state.courses.values()].map((course) => [
    course.displayName,
    course.courseKey,
    course.modes.map(({ slug }) => slug).join(', ') || 'audit',
    `${course.start ?? 'no start'} – ${course.end ?? 'no end'}`,
    [
      course.invitationOnly ? 'by invitation' : '',
      course.enrollmentEnd ? `enrollment until ${course.enrollmentEnd}` : '',
      course.maxEnrollments ? `${course.maxEnrollments} places` : '',
    ]
      .filter(Boolean)
      .join(', '),
    String(state.enrollmentsByCourse.count(course.courseKey.toLowerCase())),
  ]);
  return table('Course runs', ['Title', 'Key', 'Modes', 'Dates', 'Enrollment', 'Enrolled'], rows);
}

function enrollments({ state }: Lms): string {
  const rows = [...state.enrollments.values()].map((row) => {
    const grade = state.grade(row.username, row.courseKey);
    const percent = grade === undefined ? '' : `${grade.percent} ${grade.letterGrade ?? ''}`;
    return [
      row.username,
      row.courseKey,
      row.isActive ? row.mode : `${row.mode} (inactive)`,
      row.created,
      percent,
      state.certificate(row.username, row.courseKey)?.status ?? '',
    ];
  });
  return table('Enrollments', ['User', 'Course run', 'Mode', 'Created', 'Grade', 'Certificate'], rows.reverse());
}

function mail({ state }: Lms): string {
  const messages = [...state.mail.values()].reverse().slice(0, SHOWN_ROWS);
  if (messages.length === 0) return '<p>No mail was sent yet.</p>';
  return messages
    .map(
      ({ at, to, subject, text }) =>
        markup`<details><summary>${subject} — to ${to.join(', ')}, ${at}</summary><pre>!${linkify(text)}</pre></details>`,
    )
    .join('');
}

/** Escapes a text and makes its web addresses links. */
function linkify(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, at) => (at % 2 === 1 ? markup`<a href="${part}">${part}</a>` : markup`${part}`))
    .join('');
}

function recentCalls(calls: ReturnType<RequestLog['since']>): string {
  const rows = calls
    .slice(-SHOWN_ROWS)
    .reverse()
    .map(({ seq, at, method, path, query, auth, purpose, status, ms }) => [
      String(seq),
      at,
      `${method} ${path}${query === '' ? '' : `?${query}`}`,
      auth,
      purpose,
      String(status),
      String(Math.round(ms)),
    ]);
  return table('Calls, newest first', ['No', 'At', 'Call', 'Auth', 'Purpose', 'Status', 'ms'], rows);
}

function switches({ state }: Lms, site: Site): string {
  const faults = [...site.faults.values()]
    .map((fault) => markup`<li><code>${JSON.stringify(showFault(fault))}</code></li>`)
    .join('');
  const boxes = MISCONFIGURATIONS.map(
    (name) =>
      markup`<label><input type="checkbox" name="misconfigured" value="${name}" ${state.settings.misconfigured.includes(name) ? 'checked' : ''}> ${name}</label><br>`,
  ).join('');
  return markup`<p>Faults in force:</p>!${faults === '' ? '<p>None.</p>' : `<ul>${faults}</ul>`}
<form method="post" action="/_sandbox/switches"><button name="act" value="down">Take the ${site.name} down</button> <button name="act" value="up">End all faults</button> <button name="act" value="reset">Back to the demo</button></form>
<form method="post" action="/_sandbox/switches">
<fieldset><legend>Settings</legend>
<label><input type="checkbox" name="throttles" value="on" ${state.settings.throttles ? 'checked' : ''}> shared throttles</label><br>
<label><input type="checkbox" name="oldRelease" value="on" ${state.settings.oldRelease ? 'checked' : ''}> behave like an old release</label><br>
</fieldset>
<fieldset><legend>Misconfigured</legend>!${boxes}</fieldset>
<button name="act" value="settings">Apply</button>
</form>`;
}
