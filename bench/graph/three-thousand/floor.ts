import { costOf } from '../../../sandbox/control/recorded-costs.js';

export interface Floor {
  /** Counted calls of the LMS's throttle, whoever makes them. */
  countedCalls: number;
  /** Time that the LMS’s eight workers work in all. */
  busySeconds: number;
  /** Enrollments, then grades beside titles: the two round trips that one dashboard needs. */
  oneDashboardMs: number;
}

const listRows = 100;
const scanRows = 200;

const cost = (path: string, rawQuery: string, rows: number) => costOf({ method: 'GET', path, rawQuery }, rows);

/** What all dashboards together cost at least, had everything been known beforehand; from the recorded costs. */
export function floorOf({
  learners,
  courses,
  enrollmentsEach,
}: {
  learners: number;
  courses: number;
  enrollmentsEach: number;
}): Floor {
  const rows = learners * enrollmentsEach;
  const listPages = Math.ceil(rows / listRows);
  const learnersOfCourse = rows / courses;
  const scanPages = courses * Math.ceil(learnersOfCourse / scanRows);
  const list = '/api/enrollment/v1/enrollments/';
  const grades = '/api/grades/v1/courses/course-v1:a+b+c/';
  const scanning = scanPages * cost(grades, 'page_size=200', 0) + rows * (cost(grades, '', 1) - cost(grades, '', 0));
  const listing =
    listPages * cost(list, 'username=a', 0) + rows * (cost(list, 'username=a', 1) - cost(list, 'username=a', 0));
  const titles = cost('/api/courses/v1/courses/', '', courses);
  return {
    countedCalls: listPages + 1,
    busySeconds: (scanning + listing + titles) / 1000,
    oneDashboardMs: cost(list, 'username=a', enrollmentsEach) + cost(grades, 'username=a', 1),
  };
}
