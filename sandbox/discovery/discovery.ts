import { html } from '../lms/http/answer.js';
import { errorMarkup } from '../lms/http/error-page.js';
import type { SiteHabits } from '../lms/http/site.js';
import type { View } from '../lms/http/view.js';
import type { Lms } from '../lms/lms.js';
import { courseViews } from './courses.js';
import { organizationViews } from './organizations.js';
import { programTypeViews } from './program-types.js';
import { programViews } from './programs.js';
import { searchViews } from './search.js';

/** Every endpoint of the sandbox's Course Discovery. */
export function discoveryViews(lms: Lms): View[] {
  return [
    ...programViews(lms),
    ...organizationViews(lms),
    ...programTypeViews(lms),
    ...courseViews(lms),
    ...searchViews(lms),
  ];
}

export const DISCOVERY_HABITS: SiteHabits = {
  appendsSlash: true,
  setsCookies: false,
  errorPage: (_call, status) => html(errorMarkup(status), status),
};
