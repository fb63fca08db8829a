import { html } from 'ghtml';
import { type Frame, renderPage } from './layout.js';

/** What the page shows of a document of OpenAPI 3.1. */
export interface ShownApi {
  info: { title: string; description: string };
  tags: readonly { name: string; description: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, ShownOperation>>>>;
  components: { schemas: object; securitySchemes: object };
}

interface ShownOperation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description?: string;
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: readonly { name: string; in: string; required?: boolean; description: string }[];
  requestBody?: { content: object };
  responses: Readonly<Record<string, { description: string; content?: object }>>;
}

/** The REST API for people who read: all of it on one page, in English, as its document is. */
export function renderApiDocsPage(page: Frame & { api: ShownApi }): string {
  const { info, tags, components } = page.api;
  return renderPage(page, {
    title: info.title,
    isWide: true,
    body: html`<h1>${info.title}</h1>
<p class="lead">${info.description}</p>
<p><a href="/api/openapi.json">OpenAPI document</a></p>
!${tags.map((tag) => renderTag(page.api, tag)).join('\n')}
<section class="section" aria-labelledby="schemas"><header><h2 id="schemas">Schemas</h2></header>
!${Object.entries(components.schemas)
      .map(([name, schema]) => renderFold(name, schema, `schema-${name}`))
      .join('\n')}
</section>
<section class="section" aria-labelledby="access"><header><h2 id="access">Access</h2></header>
!${Object.entries(components.securitySchemes)
      .map(([name, scheme]) => renderFold(name, scheme, `access-${name}`))
      .join('\n')}
</section>`,
  });
}

function renderTag({ paths }: ShownApi, { name, description }: { name: string; description: string }): string {
  const id = `tag-${name.replaceAll(' ', '-')}`;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(name))
      .map(([method, operation]) => renderOperation(method, path, operation)),
  );
  return html`<section class="section" aria-labelledby="${id}"><header><h2 id="${id}">${name}</h2></header>
<p>${description}</p>
!${operations.join('\n')}
</section>`;
}

function renderOperation(method: string, path: string, operation: ShownOperation): string {
  const { operationId, summary, description, security = [], parameters = [], requestBody, responses } = operation;
  const scopes = [...new Set(security.flatMap((needs) => Object.values(needs).flat()))];
  return html`<article id="${operationId}" class="operation" aria-labelledby="${operationId}-name">
<h3 id="${operationId}-name"><span class="tag">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${summary}!${description ? html` ${description}` : ''}</p>
<dl class="facts">
!${scopes.length > 0 ? html`<dt>Scope</dt><dd><code>${scopes.join(' ')}</code></dd>` : ''}
!${parameters
    .map(
      (parameter) => html`<dt><code>${parameter.name}</code> (${parameter.in})</dt><dd>${parameter.description}</dd>`,
    )
    .join('\n')}
!${requestBody ? html`<dt>Body</dt><dd>!${renderContent(requestBody.content)}</dd>` : ''}
!${Object.entries(responses)
    .map(
      ([status, response]) =>
        html`<dt>${status}</dt><dd>${response.description} !${renderContent(response.content ?? {})}</dd>`,
    )
    .join('\n')}
</dl>
</article>`;
}

/** Media types, with links to the schemas that they name. */
function renderContent(content: object): string {
  return Object.entries(content)
    .map(([mediaType, body]) => {
      const names = [...JSON.stringify(body).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name);
      const links = names.map((name) => html`<a href="#schema-${name}">${name}</a>`).join(', ');
      return html`<code>${mediaType}</code> !${links}`;
    })
    .join(', ');
}

function renderFold(name: string, value: object, id: string): string {
  return html`<details id="${id}"><summary>${name}</summary><pre tabindex="0" aria-label="${name}"><code>${JSON.stringify(value, null, 2)}</code></pre></details>`;
}
