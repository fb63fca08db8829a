import type { Config } from '../../config/config.js';

export type Platform = 'linux' | 'macos';

export interface PlaceOptions {
  /** Address of the machine in the LMS's container network. */
  gateway?: string | undefined;
  tutor?: boolean | undefined;
  tutorDev?: boolean | undefined;
}

/** Who reaches whom under which address, when the LMS runs in containers and Portico beside them. */
export interface Place {
  /** As browsers reach them; all without trailing slash. */
  porticoUrl: string;
  lmsUrl: string;
  /** As the LMS's containers reach Portico. */
  porticoUrlInside: string;
  /** Where the LMS may have people sent back to. */
  redirectUris: string[];
}

/** Name of the machine in Docker Desktop's container networks. */
const macosGateway = 'host.docker.internal';
const tutorUrl = 'http://local.openedx.io';

/** @param options - `gateway` is there when the platform is linux */
export function locate(platform: Platform, options: PlaceOptions, { http, lms }: Pick<Config, 'http' | 'lms'>): Place {
  const porticoUrl = http.publicUrl;
  const lmsUrl = options.tutorDev ? `${tutorUrl}:8000` : options.tutor ? tutorUrl : lms.browserUrl;
  const gateway = platform === 'macos' ? macosGateway : bracketed(options.gateway ?? '');
  const path = `/auth/complete/${lms.backend}/`;
  // With TLS the certificate names the public host, so the containers go there, too.
  if (porticoUrl.startsWith('https:'))
    return { porticoUrl, lmsUrl, porticoUrlInside: porticoUrl, redirectUris: [`${lmsUrl}${path}`] };
  return {
    porticoUrl,
    lmsUrl,
    porticoUrlInside: `http://${gateway}${portOf(porticoUrl)}`,
    redirectUris: [...new Set([`${lmsUrl}${path}`, `http://${gateway}${portOf(lmsUrl)}${path}`])],
  };
}

function portOf(url: string): string {
  const { port } = new URL(url);
  return port && `:${port}`;
}

/** An IPv6 address as URLs have it. */
function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
