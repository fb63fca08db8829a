import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);

/** Not the package's own list, which turns web security off. */
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a real Chromium without a screen. It comes with its libraries and a font from a package of npm, so nothing needs to
 * be installed; `CHROMIUM_PATH` names another one.
 */
export async function launchBrowser(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) return chromium.launch({ executablePath: CHROMIUM_PATH, args: flags });
  const home = await unpackChromium();
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    args: flags,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [join(home, 'al2023/lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  });
}

/** @returns the folder with the browser, its libraries and its fonts; unpacked once for each version */
async function unpackChromium(): Promise<string> {
  const [modules = ''] = fileURLToPath(import.meta.resolve('@sparticuz/chromium')).split('/@sparticuz/');
  const manifest = await readFile(join(modules, '@sparticuz/chromium/package.json'), 'utf8');
  const cache = join(modules, '.cache');
  const home = join(cache, `portico-chromium-${(JSON.parse(manifest) as { version: string }).version}`);
  if (existsSync(home)) return home;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(`${home}-`);
  // The package unpacks its libraries where it finds itself in AWS Lambda only, and then changes the environment of its process.
  await run(
    process.execPath,
    ['--input-type=module', '-e', `(await import('@sparticuz/chromium')).default.executablePath()`],
    { env: { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
  );
  await writeFile(join(staging, 'fonts.conf'), fontsConfiguration(home));
  // Whole or not at all; whoever comes second keeps what the first one made.
  await rename(staging, home).catch(() => rm(staging, { recursive: true, force: true }));
  return home;
}

function fontsConfiguration(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${home}/fonts</dir><cachedir>${home}/fonts-cache</cachedir></fontconfig>
`;
}
