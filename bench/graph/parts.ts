import { dashboardPart } from './dashboard.js';
import { pageCalls } from './page-calls.js';
import type { BenchPart } from './part.js';
import { recordedCostsPart } from './recorded-costs.js';
import { subscribers } from './subscribers.js';
import { threeThousand } from './three-thousand.js';

/** All parts, in the order in which they run. */
export const parts: readonly BenchPart[] = [pageCalls, recordedCostsPart, dashboardPart, threeThousand, subscribers];
