/** The course runs that an LMS of the set-up guide has. */
export const demoCourses = [
  { courseKey: 'course-v1:edX+DemoX+Demo_Course', org: 'edX', number: 'DemoX', title: 'Demonstration Course' },
  { courseKey: 'course-v1:edX+E2E-101+course', org: 'edX', number: 'E2E-101', title: 'End-to-end Test Course' },
] as const;
