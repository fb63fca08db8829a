import { createHash } from 'node:crypto';

/** The one stylesheet of all pages. Logical properties throughout, so that right-to-left languages need nothing of their own. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --page: #f3f5f7; --surface: #ffffff; --sunken: #f7f9fa; --text: #17212b; --muted: #55616f; --line: #dbe1e7; --field-line: #7a8794;
  --accent: #0b5d6b; --accent-strong: #084854; --on-accent: #ffffff; --accent-wash: #e6f2f3; --glow: #d9ebee;
  --bad: #a5231b; --bad-wash: #fcefed; --good: #1c6b3f; --good-wash: #eaf6ee; --wait: #7a4d00; --wait-wash: #fdf4e0;
  --shadow: 0 1px 2px rgb(16 32 44 / .06), 0 12px 32px -12px rgb(16 32 44 / .18);
  --radius: 14px; --radius-small: 9px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f151b; --surface: #18212a; --sunken: #131b23; --text: #e8edf2; --muted: #a5b1be; --line: #2c3844; --field-line: #6f7e8e;
    --accent: #6cc7d0; --accent-strong: #93dbe2; --on-accent: #06242a; --accent-wash: #15323a; --glow: #14303a;
    --bad: #ffb0a6; --bad-wash: #3a1b1a; --good: #8fd9ac; --good-wash: #14301f; --wait: #f2c879; --wait-wash: #332708;
    --shadow: 0 1px 2px rgb(0 0 0 / .4), 0 16px 40px -12px rgb(0 0 0 / .6);
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Open Sans", sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; min-block-size: 100vh; min-block-size: 100dvh; display: flex; flex-direction: column; background: radial-gradient(58rem 26rem at 50% -9rem, var(--glow), transparent) no-repeat var(--page); color: var(--text); }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.015em; margin: 0 0 .4rem; text-wrap: balance; }
h2 { font-size: 1.08rem; line-height: 1.3; margin: 0; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .07em; }
a:hover { color: var(--accent-strong); text-decoration-thickness: .13em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; inset-inline-start: -999px; }
.skip:focus { inset-inline-start: 1rem; inset-block-start: .6rem; background: var(--surface); padding: .4rem .8rem; z-index: 1; }
.visually-hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; padding: 1rem clamp(1rem, 4vw, 2.4rem); }
.brand { display: inline-flex; align-items: center; gap: .6rem; font-weight: 650; font-size: 1.08rem; color: var(--text); text-decoration: none; margin-inline-end: auto; }
.brand:hover { color: var(--accent); }
.brand svg { inline-size: 1.9rem; block-size: 1.9rem; color: var(--accent); flex: none; }
.brand img { max-block-size: 2.2rem; max-inline-size: 12rem; }
.top nav { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem 1.1rem; font-size: .95rem; }
.top nav a, .top nav button { color: var(--muted); text-decoration: none; padding-block: .3rem; }
.top nav a:hover, .top nav button:hover { color: var(--accent); text-decoration: underline; }
main { inline-size: min(100% - 2rem, 27rem); margin: clamp(.5rem, 5vh, 3.5rem) auto 2.5rem; flex: 1; }
main.wide { inline-size: min(100% - 2rem, 45rem); margin-block-start: clamp(.5rem, 2.5vh, 1.5rem); }
main.wide > h1 { margin-block-end: 1.1rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); padding: clamp(1.3rem, 5vw, 2.1rem); }
.card + .card { margin-block-start: 1.2rem; }
.card > :last-child, .section > :last-child { margin-block-end: 0; }
.lead { color: var(--muted); margin-block-end: 1.5rem; }
.lead strong, .hint strong { color: var(--text); font-weight: 600; overflow-wrap: anywhere; }
.aside { text-align: center; color: var(--muted); margin: 1.4rem 0 0; }
.foot { display: flex; flex-wrap: wrap; justify-content: center; gap: .3rem 1.4rem; padding: 1.2rem 1rem 1.6rem; font-size: .875rem; color: var(--muted); }
.foot a { color: inherit; }

form { margin: 0; }
.field { margin-block-end: 1.15rem; }
.field label, .field legend { display: block; font-weight: 600; font-size: .95rem; margin-block-end: .3rem; padding: 0; }
.field .optional { font-weight: 400; color: var(--muted); }
.with-aside { display: grid; grid-template-columns: 1fr auto; align-items: baseline; column-gap: 1rem; }
.with-aside > * { grid-column: 1 / -1; }
.with-aside > label { grid-area: 1 / 1; }
.with-aside > .aside-of-label { grid-area: 1 / 2; font-size: .9rem; }
.hint { color: var(--muted); font-size: .9rem; margin: .35rem 0 0; overflow-wrap: anywhere; }
input:not([type=checkbox], [type=hidden]), select {
  display: block; inline-size: 100%; min-block-size: 2.9rem; padding: .55rem .8rem; font: inherit; color: inherit; background: var(--surface);
  border: 1px solid var(--field-line); border-radius: var(--radius-small); }
input:focus-visible, select:focus-visible { outline-offset: 1px; border-radius: var(--radius-small); }
[aria-invalid=true]:not([type=checkbox]) { border: 2px solid var(--bad) !important; }
.field .error { color: var(--bad); font-size: .93rem; font-weight: 600; margin: .35rem 0 0; }
.check { display: grid; grid-template-columns: auto 1fr; gap: .15rem .7rem; align-items: start; }
.check input { inline-size: 1.2rem; block-size: 1.2rem; margin: .2rem 0 0; accent-color: var(--accent); }
.check label { font-weight: 400; margin: 0; }
.check .error, .check .hint { grid-column: 2; margin: 0; }
.qr { max-inline-size: 15rem; margin: 0 auto 1rem; }
.qr svg { display: block; inline-size: 100%; block-size: auto; }
.codes { list-style: none; margin: 0 0 1.1rem; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .5rem; }
input.code { font-size: 1.5rem; letter-spacing: .45em; text-align: center; font-variant-numeric: tabular-nums; }
progress { display: block; inline-size: 100%; block-size: .8rem; accent-color: var(--accent); }
input[type=file] { max-inline-size: 100%; }
button { font: inherit; cursor: pointer; }
.button { display: inline-block; text-align: center; min-block-size: 2.9rem; padding: .62rem 1.3rem; border: 1px solid var(--accent); border-radius: var(--radius-small);
  background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; line-height: 1.5; }
.button:hover { background: var(--accent-strong); border-color: var(--accent-strong); color: var(--on-accent); }
.button:focus-visible { border-radius: var(--radius-small); }
.providers { display: grid; gap: .6rem; margin-block-start: 1.1rem; }
.button.full { inline-size: 100%; }
.button.quiet { background: transparent; color: var(--accent); border-color: var(--line); }
.button.quiet:hover { border-color: var(--accent); background: var(--accent-wash); color: var(--accent-strong); }
.button.small { min-block-size: 2.3rem; padding: .3rem .9rem; font-size: .92rem; }
.button.danger { background: transparent; color: var(--bad); border-color: var(--line); }
.button.danger:hover { border-color: var(--bad); background: var(--bad-wash); }
.link { background: none; border: 0; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: .18em; }
.actions { display: flex; flex-wrap: wrap; gap: .7rem; align-items: center; }
.actions.stack { flex-direction: column; align-items: stretch; }

.note { border-radius: var(--radius-small); padding: .8rem 1rem; margin: 0 0 1.3rem; border-inline-start: 4px solid var(--accent); background: var(--accent-wash); }
.note > :last-child { margin-block-end: 0; }
.note.bad { border-color: var(--bad); background: var(--bad-wash); }
.note.good { border-color: var(--good); background: var(--good-wash); }
.note.wait { border-color: var(--wait); background: var(--wait-wash); }
.note h2 { margin-block-end: .25rem; font-size: 1rem; }
.note ul { margin: 0; padding-inline-start: 1.1rem; }
.note.bad a { color: var(--bad); font-weight: 600; }

.section { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: clamp(1.1rem, 4vw, 1.7rem); margin-block-end: 1.2rem; }
.section > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .4rem 1rem; margin-block-end: 1rem; }
.facts { display: grid; grid-template-columns: minmax(8rem, auto) 1fr; gap: .55rem 1.4rem; margin: 0 0 1.2rem; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.rows { list-style: none; margin: 0 0 1.1rem; padding: 0; border-block-start: 1px solid var(--line); }
.rows li { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .4rem 1rem; padding: .85rem 0; border-block-end: 1px solid var(--line); }
.rows .hint { margin: .1rem 0 0; }
.card > .rows:last-child { margin-block: .9rem 0; }
.card > .rows:last-child > li:last-child { border-block-end: 0; padding-block-end: 0; }
.card > form ~ form { margin-block-start: .9rem; }
.card > .hint + form { margin-block-start: 1.1rem; }
.card > form + .hint { margin-block-start: 1rem; }
.rows strong { font-weight: 600; overflow-wrap: anywhere; }
.tag { display: inline-block; font-size: .82rem; font-weight: 600; padding: .1rem .6rem; border-radius: 99px; background: var(--accent-wash); color: var(--accent-strong); }
.tag.good { background: var(--good-wash); color: var(--good); }
.tag.wait { background: var(--wait-wash); color: var(--wait); }
.tag.bad { background: var(--bad-wash); color: var(--bad); }
.scopes { margin: 0 0 1.4rem; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: var(--radius-small); background: var(--sunken); }
.scopes li { padding: .7rem 1rem; }
.scopes li + li { border-block-start: 1px solid var(--line); }
.steps { display: flex; gap: .4rem; list-style: none; margin: 0 0 1.2rem; padding: 0; }
.steps li { flex: 1; block-size: 4px; border-radius: 4px; background: var(--line); }
.steps li.done { background: var(--accent); }
code { font: .88em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { overflow: auto; max-inline-size: 100%; padding: .8rem; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius-small); }
.operation { border-block-start: 1px solid var(--line); padding-block: 1rem .2rem; }
.operation h3 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
.operation p { margin-block-end: .6rem; }
summary { cursor: pointer; padding-block: .35rem; }
@media (max-width: 30rem) {
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-block-end: .7rem; }
  .rows li > form, .rows li .button { inline-size: 100%; }
}
@media (forced-colors: active) { .button, .tag, .note { border: 1px solid; } }
`.trim();

/** Where the stylesheet is served. The name changes with the content, so browsers may keep it for ever. */
export const stylesheetPath = `/assets/portico.${createHash('sha256').update(stylesheet).digest('hex').slice(0, 12)}.css`;
