import { enrollmentsPath, type ProgramSchool, studentKeyOf } from '../../test/support/program-school.js';
import { workerJwt } from '../../test/support/worker-jwt.js';

const rowsOfCall = 25;
const parallel = 4;

/** The LMS's own time: so many learners of other keys, sent by nothing but a loop, in the same calls. @returns seconds */
export async function measureLms({ halves, program }: ProgramSchool, rows: number): Promise<number> {
  const authorization = `JWT ${await workerJwt(halves.lmsUrl)}`;
  const batches = Array.from({ length: Math.ceil(rows / rowsOfCall) }, (_, batch) =>
    JSON.stringify(
      Array.from({ length: Math.min(rowsOfCall, rows - batch * rowsOfCall) }, (_row, place) => ({
        student_key: studentKeyOf(batch * rowsOfCall + place + 1, 'L'),
        status: 'enrolled',
        curriculum_uuid: program.activeCurriculumUuid,
      })),
    ),
  );
  const begunAt = performance.now();
  const send = async () => {
    for (let body = batches.pop(); body !== undefined; body = batches.pop()) {
      const answer = await fetch(halves.lmsUrl + enrollmentsPath(program), {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      });
      if (answer.status !== 200) throw new Error(`the LMS answered ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: parallel }, send));
  return (performance.now() - begunAt) / 1000;
}
