import type { ConnectEnvironment, ConnectorContext, HttpAnswer } from '../contract/connector.ts'
import { checkTargetUrl } from '../egress/target-url.ts'

/** A target that speaks JSON over HTTP. */
export interface JsonTarget {
  /** Address without a slash at its end. */
  url: string
  /** Sent as a bearer token. */
  apiKey?: string
  /** Sent with every request: a key that has a header of its own. */
  headers?: Record<string, string>
}

/** The address of a target, checked when it is saved. Throws Problem `target-not-allowed`. */
export function jsonTargetUrl(url: unknown, { allowPrivateNetwork }: ConnectEnvironment): string {
  const { origin, pathname } = checkTargetUrl(String(url), { allowPrivateNetwork })
  return origin + pathname.replace(/\/+$/, '')
}

export interface JsonRequest {
  method: string
  headers?: Record<string, string>
  body?: unknown
}

export interface JsonAnswer extends HttpAnswer {
  /** The body where it is a whole JSON object; a target may answer anything with any status. */
  json: Record<string, unknown> | undefined
}

/** One call within the time and the guards of the attempt. Throws what `context.fetch` throws. */
export async function callJson(
  target: JsonTarget,
  path: string,
  context: ConnectorContext,
  { method, headers, body }: JsonRequest,
): Promise<JsonAnswer> {
  const answer = await context.fetch(`${target.url}${path}`, {
    method,
    headers: {
      ...target.headers,
      ...headers,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(target.apiKey !== undefined && { authorization: `Bearer ${target.apiKey}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: context.signal,
  })
  return { ...answer, json: parse(answer) }
}

function parse({ body, truncated }: HttpAnswer): Record<string, unknown> | undefined {
  if (truncated) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
