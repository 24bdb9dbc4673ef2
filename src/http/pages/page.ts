import type { FastifyReply } from 'fastify'
import { type Html, html } from './html.ts'

export const stylePath = '/assets/pages.css'

/** No script, no frame, nothing from elsewhere; forms go to the hub alone. */
const policy =
  "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  // With `no-referrer`, as answers for programs have it, browsers send forms with `Origin: null`.
  'referrer-policy': 'same-origin',
}

interface Page {
  title: string
  body: Html
  /** What is wrong with what was sent, and at which field; told first, and in the title. */
  problem?: { text: string; field?: string }
}

/** A page of ours. Titles begin with what went wrong, since that is what is read out first. */
export function renderPage({ title, body, problem }: Page): string {
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${problem ? 'Error: ' : ''}${title} · Tillflow</title>
<link rel="stylesheet" href="${stylePath}">
</head>
<body>
<main>
<h1>${title}</h1>
${problem && renderProblem(problem)}
${body}
</main>
</body>
</html>`
  return `<!doctype html>\n${page.text}\n`
}

function renderProblem({ text, field }: NonNullable<Page['problem']>): Html {
  const words = field === undefined ? html`${text}` : html`<a href="#${field}">${text}</a>`
  return html`<div class="problem" role="alert"><h2>There is a problem</h2><p id="problem">${words}</p></div>`
}

export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply.code(status).headers(pageHeaders).send(renderPage(page))
}
