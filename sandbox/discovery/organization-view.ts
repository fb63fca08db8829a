import type { Organization } from '../catalog/rows.js';

/** An organization as it stands inside programs and courses. */
export function organizationSummary({ uuid, key, name }: Organization): Record<string, unknown> {
  return {
    uuid,
    key,
    name,
    auto_generate_course_run_keys: true,
    certificate_logo_image_url: null,
    logo_image_url: null,
    organization_hex_color: null,
    data_modified_timestamp: '2026-01-02T08:00:00Z',
    auto_generate_course_key: false,
  };
}

/** An organization as its own resource. */
export function organizationView(organization: Organization): Record<string, unknown> {
  return {
    ...organizationSummary(organization),
    banner_image_url: null,
    description: null,
    description_es: '',
    homepage_url: null,
    marketing_url: null,
    slug: organization.key.toLowerCase(),
    tags: [],
    enterprise_subscription_inclusion: false,
  };
}
