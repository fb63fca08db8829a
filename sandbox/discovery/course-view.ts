import { uuidOf } from '../catalog/add.js';
import type { CatalogCourse, CatalogRun } from '../catalog/rows.js';
import type { Call } from '../lms/http/call.js';
import { isPast } from '../lms/instant.js';
import type { Lms } from '../lms/lms.js';
import { organizationSummary } from './organization-view.js';
import { flag } from './view-options.js';

/** A course as programs and the course list show it, with the given runs of it. */
export function courseView(lms: Lms, call: Call, course: CatalogCourse, runs: readonly CatalogRun[]) {
  const shown = flag(call, 'published_course_runs_only') ? runs.filter(({ status }) => status === 'published') : runs;
  return {
    key: course.key,
    uuid: course.uuid,
    title: course.title,
    course_runs: shown.map((run) => runView(call, run)),
    entitlements: [],
    owners: owners(lms, course),
    image: null,
    short_description: null,
    type: uuidOf('course type', 'verified-audit'),
    url_slug: null,
    course_type: 'verified-audit',
    enterprise_subscription_inclusion: false,
    excluded_from_seo: false,
    excluded_from_search: false,
    course_run_statuses: [...new Set(runs.map(({ status }) => status))].sort(),
  };
}

/** The organizations of a course, in order. */
export function owners({ state }: Lms, course: CatalogCourse): Record<string, unknown>[] {
  return course.owners.flatMap((key) => {
    const organization = state.catalog.organization(key);
    return organization === undefined ? [] : [organizationSummary(organization)];
  });
}

/** A run as courses show it. Its address carries who asked for it, unless `exclude_utm` says otherwise. */
export function runView(call: Call, run: CatalogRun): Record<string, unknown> {
  const isOpen =
    (run.enrollmentStart === null || isPast(run.enrollmentStart, call.now)) &&
    (run.enrollmentEnd === null || !isPast(run.enrollmentEnd, call.now)) &&
    (run.end === null || !isPast(run.end, call.now));
  return {
    key: run.key,
    uuid: run.uuid,
    title: run.title,
    external_key: run.externalKey,
    fixed_price_usd: null,
    image: null,
    short_description: null,
    marketing_url: marketingUrl(call, run),
    seats: run.seatTypes.map((type) => seatView(type)),
    start: run.start,
    end: run.end,
    go_live_date: null,
    enrollment_start: run.enrollmentStart,
    enrollment_end: run.enrollmentEnd,
    weeks_to_complete: null,
    pacing_type: run.isSelfPaced ? 'self_paced' : 'instructor_paced',
    type: run.seatTypes.find((type) => type !== 'audit') ?? 'audit',
    restriction_type: null,
    run_type: uuidOf('run type', 'verified-audit'),
    status: run.status,
    is_enrollable: isOpen,
    is_marketable: run.status === 'published' && run.marketingUrl !== null,
    availability: availability(run, call.now),
    variant_id: null,
  };
}

function marketingUrl(call: Call, { marketingUrl: url }: CatalogRun): string | null {
  if (url === null || flag(call, 'exclude_utm')) return url;
  const query = new URLSearchParams({ utm_source: call.user.username, utm_medium: 'affiliate_partner' });
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

function seatView(type: string): Record<string, unknown> {
  return {
    type,
    price: type === 'audit' || type === 'honor' || type === 'masters' ? '0.00' : '49.00',
    currency: 'USD',
    upgrade_deadline: null,
    upgrade_deadline_override: null,
    credit_provider: null,
    credit_hours: null,
    sku: null,
    bulk_sku: null,
  };
}

function availability({ start, end }: CatalogRun, now: Date): string {
  if (end !== null && isPast(end, now)) return 'Archived';
  if (start === null || isPast(start, now)) return 'Current';
  return Date.parse(start) - now.getTime() <= 60 * 86_400_000 ? 'Starting Soon' : 'Upcoming';
}
