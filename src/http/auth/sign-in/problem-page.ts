import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../../contract/problem.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { isForm } from './browser-sessions.ts'

/** Whether a browser shows the answer to somebody, so that a problem is told as a page. */
export function isForPeople(request: FastifyRequest): boolean {
  return request.routeOptions.config.operation?.isPage === true || isForm(request)
}

/** A problem as a page: what is wrong, what to do, and its code. Whoever only has to sign in is sent there. */
export function sendProblemPage(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { code, status, title, message, advice } = problem
  const needsSession = code === 'unauthorized' || code === 'session-ended'
  if (needsSession && request.method === 'GET')
    return reply.redirect(`/auth/sign-in?return=${encodeURIComponent(request.url)}`, 303)
  if (status === 503) reply.header('retry-after', '5')
  const body = html`${message === title ? undefined : html`<p>${message}</p>`}
<p>${advice}</p>
<p><a href="/">Go back to the beginning</a></p>
<p>Code: <code>${code}</code>. Trace: <code>${request.id}</code></p>`
  return sendPage(reply, status, { title, body })
}
