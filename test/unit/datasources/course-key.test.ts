import { expect, test } from 'vitest';
import { isCourseKey } from '../../../src/datasources/course-key.js';

test.each([
  ['course-v1:edX+DemoX+Demo_Course', true],
  ['course-v1:edX+E2E-101+course', true],
  ['course-v1:MITx+6.00x+2024_T1', true],
  ['course-v1:Universität+Überblick+2026', true],
  ['MITx/6.00x/2013_Spring', true],
  ['a+b+c', false],
  ['course-v1:edX+DemoX', false],
  ['course-v1:edX+DemoX+R1,course-v1:edX+DemoX+R2', false],
  ['course-v1:edX+DemoX+R1+more', false],
  ['course-v1:edX+Demo X+R1', false],
  ['course-v1:edX+DemoX+R1\n', false],
  ['edX/DemoX', false],
  ['../../admin', false],
  ['', false],
])('%j is a course key: %s', (text, expected) => {
  expect(isCourseKey(text)).toBe(expected);
});
