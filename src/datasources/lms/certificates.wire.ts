import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';
import { DateTime, Maybe, Nullable } from './wire-types.js';

const Certificate = Type.Object({
  username: Type.String(),
  course_id: Type.String(),
  certificate_type: Type.String(),
  status: Type.String(),
  is_passing: Type.Boolean(),
  download_url: Nullable(Type.String()),
  grade: Type.String(),
  created_date: DateTime,
  modified_date: Maybe(DateTime),
  uuid: Maybe(Type.String()),
});

export const parseCertificates = createParser('lms', Type.Array(Certificate));
