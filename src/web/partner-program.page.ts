import { html } from 'ghtml';
import type { Words } from '../words/words.js';
import { type FormState, renderCsrf, renderErrorSummary } from './form.js';
import { type Frame, renderPage } from './layout.js';
import { type ReportsView, renderReports } from './partner-reports.js';

export interface CourseRunView {
  courseKey: string;
  title: string;
  /** Its keys, as they stand in files. */
  keys: string;
}

/** An upload or a download in the list of those that somebody began. */
export interface WorkView {
  href: string;
  label: string;
  detail: string;
  state: StateView;
}

export interface StateView {
  label: string;
  tone: 'good' | 'wait' | 'bad';
}

export interface PartnerProgramPage extends Frame {
  form: FormState;
  /** Address of this page. */
  href: string;
  title: string;
  facts: readonly { term: string; value: string }[];
  /** Whether what is told of the program is older than it should be. */
  isStale: boolean;
  mayWrite: boolean;
  mayRead: boolean;
  runs: readonly CourseRunView[];
  works: readonly WorkView[];
  /** Left out for who may not read them. */
  reports?: ReportsView | undefined;
}

/** One program: files in, files out, and what became of earlier ones. */
export function renderPartnerProgramPage(page: PartnerProgramPage): string {
  const { words, title, facts, form, isStale } = page;
  return renderPage(page, {
    title,
    isWide: true,
    body: html`<p><a href="/partner">${words('Programs of your school')}</a></p>
<h1>${title}</h1>
!${renderErrorSummary(form)}
!${isStale ? html`<div class="note wait" role="status"><p>${words('What is known of this program may be out of date: where programs are kept does not answer at the moment.')}</p></div>` : ''}
<section class="section" aria-labelledby="program">
<header><h2 id="program">${words('Program')}</h2></header>
<dl class="facts">!${facts.map(({ term, value }) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>
</section>
!${page.mayWrite ? renderUpload(page) : ''}
!${page.mayRead ? renderDownloads(page) : ''}
!${page.mayRead ? renderRuns(page) : ''}
!${page.reports ? renderReports(page.reports, words) : ''}
!${page.mayRead || page.mayWrite ? renderWorks(page) : ''}`,
  });
}

function renderUpload({ form, href, words }: PartnerProgramPage): string {
  const error = form.errors.find(({ field }) => field === 'file')?.message;
  const option = (value: string, label: string) =>
    html`<option value="${value}"!${form.values.level === value ? ' selected' : ''}>${label}</option>`;
  return html`<section class="section" aria-labelledby="upload">
<header><h2 id="upload">${words('Upload enrollments')}</h2></header>
<p>${words('A CSV file in UTF-8 whose first line names the columns. Who is there already is changed, who is not is added; nobody else is touched.')}</p>
<form method="post" action="${href}/uploads" enctype="multipart/form-data">
!${renderCsrf(form)}
<div class="field"><label for="level">${words('What is in the file')}</label>
<select id="level" name="level" aria-describedby="level-hint">!${option('program', words('Learners of the program'))}!${option('course', words('Learners of its course runs'))}</select>
<p class="hint" id="level-hint">!${renderColumns(words)}</p></div>
<div class="field check"><input type="checkbox" id="dry" name="dry" value="yes"!${form.values.dry ? ' checked' : ''}><label for="dry">${words('Only say what would change, and change nothing')}</label></div>
<div class="field"><label for="file">${words('CSV file')}</label>
<input id="file" name="file" type="file" accept=".csv,text/csv" required!${error ? ' aria-invalid="true" aria-describedby="file-hint file-error"' : ' aria-describedby="file-hint"'}>
<p class="hint" id="file-hint">${words('Up to 100 MB.')}</p>
!${error ? html`<p class="error" id="file-error">${error}</p>` : ''}</div>
<button class="button">${words('Upload')}</button>
</form>
</section>`;
}

function renderColumns(words: Words): string {
  const columns = (names: string) => html`<code>${names}</code>`;
  return words.html('Columns: {program}, for course runs {course}.', {
    program: columns('student_key,status'),
    course: columns('student_key,course_id,status'),
  });
}

function renderDownloads({ form, href, words }: PartnerProgramPage): string {
  const begin = (what: string, label: string) =>
    html`<form method="post" action="${href}/downloads">!${renderCsrf(form)}<input type="hidden" name="what" value="${what}"><button class="button quiet small">${label}</button></form>`;
  return html`<section class="section" aria-labelledby="downloads">
<header><h2 id="downloads">${words('Download')}</h2></header>
<p>${words('CSV files, with learners by your own keys. They are put together when you ask for them.')}</p>
<div class="actions">!${begin('learners', words('Learners of the program'))}!${begin('course-learners', words('Learners of its course runs'))}</div>
</section>`;
}

function renderRuns({ form, href, words, runs }: PartnerProgramPage): string {
  const begin = (what: string, { courseKey, title }: CourseRunView, label: string) =>
    html`<form method="post" action="${href}/downloads">!${renderCsrf(form)}<input type="hidden" name="what" value="${what}"><input type="hidden" name="courseKey" value="${courseKey}"><button class="button quiet small">${label}<span class="visually-hidden"> ${title}</span></button></form>`;
  const rows = runs.map(
    (run) => html`<li><div><strong>${run.title}</strong><p class="hint">${run.keys}</p></div>
<div class="actions">!${begin('course-learners', run, words('Learners'))}!${begin('grades', run, words('Grades'))}</div></li>`,
  );
  return html`<section class="section" aria-labelledby="runs">
<header><h2 id="runs">${words('Course runs')}</h2></header>
!${runs.length > 0 ? html`<ul class="rows">!${rows}</ul>` : html`<p class="hint">${words('None: the program has no active curriculum.')}</p>`}
</section>`;
}

function renderWorks({ words, works }: PartnerProgramPage): string {
  const rows = works.map(
    ({ href, label, detail, state }) =>
      html`<li><div><strong><a href="${href}">${label}</a></strong><p class="hint">${detail}</p></div><span class="tag !${state.tone}">${state.label}</span></li>`,
  );
  return html`<section class="section" aria-labelledby="works">
<header><h2 id="works">${words('Your uploads and downloads')}</h2></header>
!${works.length > 0 ? html`<ul class="rows">!${rows}</ul>` : html`<p class="hint">${words('None yet.')}</p>`}
</section>`;
}
