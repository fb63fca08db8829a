/** A graded section of a course, with its problems of one point each. */
export interface Section {
  readonly blockId: string;
  readonly displayName: string;
  /** Assignment type. */
  readonly format: string;
  readonly label: string;
  readonly problems: readonly string[];
}

export interface AssignmentType {
  readonly type: string;
  readonly shortLabel: string;
  readonly count: number;
  readonly dropped: number;
  readonly weight: number;
}

/** Every course of the sandbox has the same content: two weeks of homework and an exam. */
export const SECTIONS: readonly Section[] = [
  { blockId: 'seq0', displayName: 'Week 1 work', format: 'Homework', label: 'HW 01', problems: ['prob1', 'prob2'] },
  { blockId: 'seq1', displayName: 'Week 2 work', format: 'Homework', label: 'HW 02', problems: ['prob3', 'prob4'] },
  { blockId: 'seq2', displayName: 'Exam work', format: 'Final Exam', label: 'Final 01', problems: ['prob5', 'prob6'] },
];

export const GRADING_POLICY: readonly AssignmentType[] = [
  { type: 'Homework', shortLabel: 'HW', count: 2, dropped: 0, weight: 0.6 },
  { type: 'Final Exam', shortLabel: 'Final', count: 1, dropped: 0, weight: 0.4 },
];

export interface Block {
  readonly usageKey: string;
  readonly type: 'course' | 'chapter' | 'sequential' | 'vertical' | 'problem';
  readonly blockId: string;
  readonly displayName: string;
  readonly children: readonly Block[];
  readonly isGraded: boolean;
  readonly format: string | null;
}

export function usageKey(courseKey: string, type: Block['type'], blockId: string): string {
  return `${courseKey.replace(/^course-v1:/, 'block-v1:')}+type@${type}+block@${blockId}`;
}

/** The course that a usage key belongs to, and what it names; null for a text that is no usage key. */
export function parseUsageKey(key: string): { courseKey: string; type: string; blockId: string } | null {
  const {
    course,
    type = '',
    blockId = '',
  } = /^block-v1:(?<course>[^+]+\+[^+]+\+[^+]+)\+type@(?<type>[^+]+)\+block@(?<blockId>.+)$/.exec(key)?.groups ?? {};
  return course === undefined ? null : { courseKey: `course-v1:${course}`, type, blockId };
}

/** The tree of a course: course, one chapter, a sequential with a vertical of problems for each section. */
export function outlineOf(courseKey: string, courseName: string): Block {
  const block = (
    type: Block['type'],
    blockId: string,
    displayName: string,
    children: readonly Block[],
    format: string | null = null,
  ): Block => ({
    usageKey: usageKey(courseKey, type, blockId),
    type,
    blockId,
    displayName,
    children,
    isGraded: format !== null,
    format,
  });
  const sections = SECTIONS.map((section, at) => {
    const problems = section.problems.map((id) => block('problem', id, `Problem ${id.slice(4)}`, [], section.format));
    const unit = block('vertical', `vert${at}`, 'Unit', problems, section.format);
    return block('sequential', section.blockId, section.displayName, [unit], section.format);
  });
  return block('course', 'course', courseName, [block('chapter', 'chap0', 'Content', sections)]);
}

/** All blocks of a tree, leaves before their containers. */
export function blocksOf(root: Block): Block[] {
  return [...root.children.flatMap(blocksOf), root];
}
