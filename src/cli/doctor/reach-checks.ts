import { type Examination } from './examination.js';
import { type Finding, find, Trouble } from './finding.js';

/** Codes and tokens live for a minute and more: clocks that differ by less do no harm. */
const harmlessSkewMs = 60_000;

/** Whether Portico runs where its public URL leads. */
export function checkPortico(publicUrl: string): Promise<Finding> {
  return find(
    'Portico',
    async () => {
      const { status } = await fetch(`${publicUrl}/health/ready`, { signal: AbortSignal.timeout(5000) });
      if (status !== 200) throw new Trouble(`${publicUrl}/health/ready answered ${status}`);
      return `${publicUrl} is ready`;
    },
    `Start Portico, and check that PORTICO_PUBLIC_URL (${publicUrl}) leads to it from this machine.`,
  );
}

/** Whether the LMS is up and its clock agrees with ours. */
export async function checkReach({ api, config, pages }: Examination): Promise<Finding[]> {
  const { baseUrl } = config.lms;
  const isUp = await find(
    'LMS',
    async () => {
      const { parts } = await api.heartbeat({ purpose: 'request' });
      return `${baseUrl} is up (${Object.keys(parts).join(', ')})`;
    },
    `Check OPENEDX_API_BASE_URL (${baseUrl}): the name must lead to the LMS from this machine (/etc/hosts), and the LMS must run and answer /heartbeat.`,
  );
  if (isUp.status !== 'ok') return [isUp];
  const clocks = await find(
    'clocks',
    async () => {
      const { date } = await pages.get('/heartbeat');
      if (!date) return 'the LMS does not tell the time';
      const skewMs = date.getTime() - Date.now();
      if (Math.abs(skewMs) <= harmlessSkewMs) return 'the LMS and this machine agree';
      const minutes = Math.round(Math.abs(skewMs) / 60_000);
      throw new Trouble(`the clock of the LMS is ${minutes} minutes ${skewMs > 0 ? 'ahead' : 'behind'}`, {
        problem: 'clock-skew',
      });
    },
    'Have both machines take their time from the network: timedatectl set-ntp true (containers have the clock of their host). Tokens, codes and schedules go by it.',
  );
  return [isUp, clocks];
}
