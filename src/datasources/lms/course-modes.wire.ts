import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { DateTime, Nullable } from './wire-types.js';

const CourseMode = Type.Object({
  mode_slug: Type.String(),
  mode_display_name: Type.String(),
  min_price: Type.Integer(),
  currency: Type.String(),
  expiration_datetime: Nullable(DateTime),
  description: Nullable(Type.String()),
  sku: Nullable(Type.String()),
  bulk_sku: Nullable(Type.String()),
});

export const parseCourseModes = createParser('lms', Type.Array(CourseMode));
