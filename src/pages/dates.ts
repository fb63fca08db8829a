/** e.g. `Nov 25, 2026`. */
export function formatDay(date: Date): string {
  return date.toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'UTC' });
}

/** e.g. `Nov 25, 2026, 6:05 AM UTC`. */
export function formatMinute(date: Date): string {
  return `${date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })} UTC`;
}
