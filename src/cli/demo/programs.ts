/** What the sandbox's Discovery has for the demo: an organization, and its programs by the keys that partners use. */
export const demoOrganization = { key: 'DemoU', name: 'Demo University' };

export const demoPrograms = [
  { key: 'masters-in-computer-science', uuid: 'd0000000-0000-4000-8000-000000000001' },
  { key: 'micromasters-in-data-science', uuid: 'd0000000-0000-4000-8000-000000000002' },
  { key: 'professional-certificate-in-digital-economy', uuid: 'd0000000-0000-4000-8000-000000000003' },
] as const;
