const page = 'an error of an address is told as JSON, not as a page';
export const nowhere = {
  because: page,
  body: { error: { code: 'NOT_FOUND', message: 'There is nothing at this address.', requestId: 'then' } },
};

export const cs = {
  program_key: 'masters-in-cs',
  program_title: "Master's in CS",
  program_url: 'http://localhost:18982/about/masters/1',
  program_type: 'Masters',
  permissions: ['read_enrollments', 'read_metadata', 'read_reports', 'write_enrollments'],
};
const [ml, noActiveCurriculum, gone, empty] = [
  ['micromasters-in-ml', 'MicroMasters in ML', 'micromasters/2', 'MicroMasters'],
  ['no-curriculum', 'Masters without curriculum', 'masters/3', 'Masters'],
  ['gone-from-discovery', 'gone-from-discovery', null, null],
  ['empty-masters', 'Empty Masters', 'masters/6', 'Masters'],
].map(([key, title, path, type]) => ({
  program_key: key,
  program_title: title,
  program_url: path === null ? null : `http://localhost:18982/about/${path}`,
  program_type: type,
  permissions: type === 'Masters' ? cs.permissions : ['read_metadata', 'read_reports'],
}));
/** What a partner of HUMx sees. */
export const humx = [cs, ml, noActiveCurriculum, gone, empty];
export const csRuns = [
  ['course-v1:HUMx+English-550+Spring', 'ENG55-S19', 'English 550', 'english-550'],
  ['course-v1:HUMx+Spanish-1000+Spring', 'SPAN101-S19', 'Spanish 1000', 'spanish-1000'],
  ['course-v1:HUMx+Math-100+Fall', null, 'Math 100', null],
  ['HUMx/Hist-10/2014', 'HIST:10-2014', 'History 10', 'history-10'],
].map(([id, ownKey, title, path]) => ({
  course_id: id,
  external_course_key: ownKey,
  course_title: title,
  course_url: path === null ? null : `http://localhost:18982/about/course/${path}`,
}));
export const alt = {
  program_key: 'masters-in-alt',
  program_title: 'Masters in Alt',
  program_url: 'http://localhost:18982/about/masters/5',
  program_type: 'Masters',
  permissions: ['read_enrollments', 'read_metadata', 'write_enrollments'],
};
