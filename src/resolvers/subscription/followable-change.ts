import type { Change } from '../../changes/change.js';

/** Changes that a subscription can be about. Each says of what the state is another now; none carries the state itself. */
export type FollowableChange = Extract<
  Change,
  { topic: 'edx-link' | 'enrollment' | 'grade' | 'operation' | 'upstream' }
>;

/** The subject of changes that belong to nothing smaller than the installation. */
export const everything = 'all';

const topics = new Set<Change['topic']>([
  'edx-link',
  'enrollment',
  'grade',
  'operation',
  'upstream',
] satisfies FollowableChange['topic'][]);

export function isFollowable(change: Change): change is FollowableChange {
  return topics.has(change.topic);
}

/** Under which subjects a change is heard. */
export function subjectsOf(change: FollowableChange): string[] {
  switch (change.topic) {
    case 'edx-link':
    case 'enrollment':
      return [change.accountId];
    case 'grade':
      return [change.accountId, change.courseKey];
    case 'operation':
      return [change.operationId];
    case 'upstream':
      return [everything];
  }
}

/** Names what is another now: of two changes of one name, the later one tells all. */
export function stateOf(change: FollowableChange): string {
  switch (change.topic) {
    case 'edx-link':
      return `edx-link ${change.accountId}`;
    case 'enrollment':
      return `enrollment ${change.enrollmentId}`;
    case 'grade':
      return `grade ${change.accountId} ${change.courseKey}`;
    case 'operation':
      return `operation ${change.operationId}`;
    case 'upstream':
      return `upstream ${change.upstream} ${change.by}`;
  }
}
