import type { Curriculum, Program } from '../catalog/rows.js';
import type { Call } from '../lms/http/call.js';
import type { Lms } from '../lms/lms.js';
import { courseView } from './course-view.js';
import { organizationSummary, organizationView } from './organization-view.js';

/** A program as the list shows it; nested programs of its curricula come in the same shape. */
export function programView(
  lms: Lms,
  call: Call,
  program: Program,
  around: readonly string[] = [],
): Record<string, unknown> {
  const { catalog } = lms.state;
  const type = catalog.programTypes.get(program.type);
  const courses = program.courses.flatMap((key) => catalog.courses.get(key) ?? []);
  return {
    uuid: program.uuid,
    title: program.title,
    subtitle: program.subtitle,
    // The name is for people and may be changed; only the slug is the same for good.
    type: type?.name ?? program.type,
    type_attrs: { uuid: type?.uuid ?? null, slug: program.type, coaching_supported: false },
    status: program.status,
    marketing_slug: program.marketingSlug,
    marketing_url: program.marketingUrl,
    banner_image: {},
    hidden: program.isHidden,
    courses: courses.map((course) => courseView(lms, call, course, course.runs)),
    authoring_organizations: organizations(lms, program).map(organizationSummary),
    card_image_url: null,
    is_program_eligible_for_one_click_purchase: false,
    degree: null,
    curricula: program.curricula.map((curriculum) =>
      curriculumView(lms, call, program, curriculum, [...around, program.uuid]),
    ),
    marketing_hook: '',
    total_hours_of_effort: null,
    data_modified_timestamp: program.modified,
    recent_enrollment_count: 0,
    organization_short_code_override: '',
    organization_logo_override_url: null,
    primary_subject_override: null,
    level_type_override: null,
    language_override: null,
    labels: [],
    taxi_form: null,
    program_duration_override: null,
    excluded_from_seo: false,
    excluded_from_search: false,
    subscription: null,
    course_run_statuses: [...new Set(courses.flatMap(({ runs }) => runs.map(({ status }) => status)))].sort(),
  };
}

/** A program as its own resource: more of it. */
export function programDetail(lms: Lms, call: Call, program: Program): Record<string, unknown> {
  return {
    ...programView(lms, call, program),
    authoring_organizations: organizations(lms, program).map(organizationView),
    overview: null,
    weeks_to_complete: null,
    weeks_to_complete_min: null,
    weeks_to_complete_max: null,
    min_hours_effort_per_week: null,
    max_hours_effort_per_week: null,
    video: null,
    expected_learning_items: [],
    faq: [],
    credit_backing_organizations: [],
    corporate_endorsements: [],
    job_outlook_items: [],
    individual_endorsements: [],
    languages: [],
    transcript_languages: [],
    subjects: [],
    price_ranges: [],
    staff: [],
    credit_redemption_overview: null,
    applicable_seat_types: [],
    instructor_ordering: [],
    enrollment_count: 0,
    topics: [],
    credit_value: 0,
    enterprise_subscription_inclusion: null,
    geolocation: null,
    location_restriction: null,
    is_2u_degree_program: false,
    in_year_value: null,
    skill_names: [],
    skills: [],
    product_source: { name: 'edx', slug: 'edx', description: '' },
  };
}

function organizations({ state }: Lms, program: Program) {
  return program.organizations.flatMap((key) => state.catalog.organization(key) ?? []);
}

function curriculumView(
  lms: Lms,
  call: Call,
  program: Program,
  curriculum: Curriculum,
  around: readonly string[],
): Record<string, unknown> {
  const { catalog } = lms.state;
  const keys = new Set(catalog.curriculumRuns(program, curriculum.uuid).map(({ key }) => key));
  const nested = curriculum.programs.flatMap((uuid) =>
    around.includes(uuid) ? [] : (catalog.programs.get(uuid) ?? []),
  );
  return {
    uuid: curriculum.uuid,
    name: curriculum.name,
    marketing_text: '',
    marketing_text_brief: null,
    is_active: curriculum.isActive,
    courses: curriculum.courses
      .flatMap((key) => catalog.courses.get(key) ?? [])
      .map((course) =>
        courseView(
          lms,
          call,
          course,
          course.runs.filter(({ key }) => keys.has(key)),
        ),
      ),
    programs: nested.map((each) => programView(lms, call, each, around)),
  };
}
