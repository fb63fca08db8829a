import { createHash } from 'node:crypto';

/**
 * Shows how far something is: takes the part `data-progress` of the page anew every other second, and the whole page when that part is
 * no longer in it. Without scripts the page is loaded again now and then.
 */
export const progressScript = `
(() => {
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      const text = await answer.text();
      const next = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-progress]');
      if (answer.redirected || (answer.ok && !next)) return location.reload();
      if (next) document.querySelector('[data-progress]').replaceChildren(...next.childNodes);
    } catch {
      // Away for a moment: it is asked again.
    }
    setTimeout(look, 2000);
  };
  if (document.querySelector('[data-progress]')) setTimeout(look, 1000);
})();
`.trim();

/** Where the script is served. The name changes with the content, so browsers may keep it for ever. */
export const progressScriptPath = `/assets/progress.${createHash('sha256').update(progressScript).digest('hex').slice(0, 12)}.js`;
