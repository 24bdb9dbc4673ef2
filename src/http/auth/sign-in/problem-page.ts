import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../../contract/problem.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { isForm } from './browser-sessions.ts'

/** Whether a browser shows the answer to somebody, so that a problem is told as a page. */
export function isForPeople(request: FastifyRequest): boolean {
  const { operation } = request.routeOptions.config
  return operation?.isPage === true || (isForm(request) && !operation?.isForPrograms)
}

/** A problem as a page: what is wrong, what to do, and its code. Whoever only has to sign in is sent there. */
export function sendProblemPage(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { code, status } = problem
  const { title, message, advice } = wordsFor(problem)
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

interface Words {
  title: string
  message: string
  advice: string
}

const notSignedIn = {
  title: 'You are not signed in, or not any more.',
  message: 'Nothing was changed.',
  advice: 'Go back to the beginning, sign in, and try again.',
}

/** What a problem says to programs, of tokens and headers, said to somebody in front of a browser. */
const forPeople: Partial<Record<string, Words>> = {
  unauthorized: notSignedIn,
  'session-ended': notSignedIn,
  'cross-site-request': {
    title: 'This did not come from a page of the hub that was loaded lately.',
    message: 'Nothing was changed.',
    advice: 'Load the page again, and send its form.',
  },
}

function wordsFor(problem: Problem): Words {
  return forPeople[problem.code] ?? problem
}
