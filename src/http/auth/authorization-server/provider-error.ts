import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import { html } from '../../pages/html.ts'
import { pageHeaders, renderPage } from '../../pages/page.ts'

/** What a browser is shown goes by its code: what was sent is not repeated. */
const advices: Record<string, string> = {
  access_denied: 'The sign-in was given up. Start again when you like.',
  invalid_request: 'The address with which this began is not whole. Start again from the page that you wanted.',
  temporarily_unavailable: 'The hub takes no more at this moment. Try again in a minute.',
}
const otherAdvice =
  'Start again from the page that you wanted. If it happens again, give this code to whoever looks after the hub.'

/** Errors of the authorization server: JSON for programs, a page for people. */
export function renderProviderError(context: KoaContextWithOIDC, out: ErrorOut): void {
  if (!context.accepts('json', 'html') || context.accepts('json', 'html') === 'json') {
    context.type = 'json'
    context.body = out
    return
  }
  const code = /^[a-z_]{1,40}$/.test(out.error) ? out.error : 'server_error'
  for (const [name, value] of Object.entries(pageHeaders)) context.set(name, value)
  context.body = renderPage({
    title: 'The sign-in did not work',
    body: html`<p>${advices[code] ?? otherAdvice}</p>
      <p>Code: <code>${code}</code></p>`,
  })
}
