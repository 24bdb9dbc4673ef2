import { randomUUID } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { CustomFetch } from 'openid-client'
import type { GuardedFetch } from '../../../contract/connector.ts'

/** A provider elsewhere, by the one guarded way out of the hub. Throws what that throws, and where an answer is too long. */
export function guardedProviderFetch(fetch: GuardedFetch): CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const text = bodyText(body)
    const answer = await fetch(url, {
      ...{ method, headers },
      ...(text !== undefined && { body: text }),
      ...(signal && { signal }),
    })
    if (answer.truncated) throw new Error('the answer of the provider is longer than allowed')
    return responseOf(answer.status, answer.headers, answer.body)
  }
}

/** Nobody else has it: who guesses from this machine does not keep the hub from itself. */
const ownAddress = `in-process-${randomUUID()}`

/**
 * The provider in this hub, without a way through the network: the public address may be one that the hub itself cannot reach. The
 * request still goes through everything that a request of somebody else goes through.
 */
export function inProcessFetch(server: () => FastifyInstance, publicUrl: () => string): CustomFetch {
  return async (url, { method, headers, body }) => {
    const { origin, host, pathname, search } = new URL(url)
    if (origin !== new URL(publicUrl()).origin) throw new Error('the provider in this hub names another address')
    const text = bodyText(body)
    const answer: LightMyRequestResponse = await server().inject({
      method: method as 'GET' | 'POST',
      url: `${pathname}${search}`,
      headers: { ...headers, host },
      remoteAddress: ownAddress,
      ...(text !== undefined && { payload: text }),
    })
    const flat = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    )
    return responseOf(answer.statusCode, Object.fromEntries(flat), answer.body)
  }
}

/** Forms and JSON; nothing else is sent to a provider. */
function bodyText(body: unknown): string | undefined {
  return body === undefined || body === null ? undefined : String(body)
}

function responseOf(status: number, headers: Record<string, string>, body: string): Response {
  const hasBody = status !== 204 && status !== 304
  return new Response(hasBody ? body : null, { status, headers })
}
