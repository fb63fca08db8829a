import type { RecordedExchange } from './exchange.js';

/** Values that differ by nature wherever they appear: of these only the type is compared. */
const EVERYWHERE: readonly RegExp[] = [
  // Ids, keys and clocks of the recorded day.
  /\.(id|user_id|retirement_id|activation_key|csrfToken|sub|kid|n|exp|iat)$/,
  /\.(response_epoch_seconds|response_http_date|expires|expires_epoch_seconds)$/,
  /^\$\.celery\.message$/,
  /\.disconnect_url$/,
  // Made with the secret of the recorded site.
  /\.(retired_username|retired_email)$/,
  // Random.
  /\.username_suggestions\[\d+\]$/,
];

/** Values that one recording has for a reason of its own. */
const HERE: readonly {
  readonly file: string;
  readonly heading: string;
  readonly path: RegExp;
  readonly reason: string;
}[] = [
  {
    file: 'a-token.md',
    heading: 'restricted, opaque',
    path: /^\$\.expires_in$/,
    reason: 'the seconds since 1970, below zero: Bearer tokens of restricted applications are born expired',
  },
  {
    file: 'g2-accounts-write.md',
    heading: 'the account afterwards, staff',
    path: /^\$\.email$/,
    reason: 'a retired address, made with the secret of the recorded site',
  },
  {
    file: 'g2-accounts-write.md',
    heading: 'retirement status',
    path: /^\$\.user\.email$/,
    reason: 'a retired address, made with the secret of the recorded site',
  },
  {
    file: 'h-courses.md',
    heading: 'detail',
    path: /^\$\.(name|mobile_available)$/,
    reason: 'read from the content store, which was not changed along with the courses of population.json',
  },
];

/** Paths whose values are not compared in an exchange. */
export function valuesOfTheDay({ file, heading }: RecordedExchange): RegExp[] {
  return [
    ...EVERYWHERE,
    ...HERE.filter((each) => each.file === file && each.heading === heading).map(({ path }) => path),
  ];
}
