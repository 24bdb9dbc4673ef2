import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { bearerToken, type Credentials } from '../contract/credentials.ts'
import { Problem } from '../contract/problem.ts'

/** What the hub says of one slice, or of the document as a whole. */
export interface SliceAnswer {
  /** From 1; 0: the document could not be read to its end. */
  slice?: number
  /** The same of a batch of lines. */
  line?: number
  status?: number
  kind?: string
  /** How many things a noted slice is about. */
  count?: number
  code?: string
  detail?: string
}

export interface DocumentAnswer {
  statusCode: number
  retryAfter: string | undefined
  /** As they come; ends with an error where the connection does. */
  answers: AsyncIterable<SliceAnswer>
}

/** Sends one document to a hub. Throws Problem `hub-not-running` where nobody answers. */
export async function postDocument(options: {
  url: URL
  /** An API token, or what makes headers of its own for each request. */
  token: string | Credentials
  mediaType: string
  body: Readable
  signal?: AbortSignal
}): Promise<DocumentAnswer> {
  const { url, token, mediaType } = options
  const credentials = typeof token === 'string' ? bearerToken(token) : token
  const own = await credentials.headersFor('POST', url.pathname)
  const { statusCode, headers, body } = await request(url, {
    method: 'POST',
    headers: { ...own, 'content-type': mediaType, accept: 'application/x-ndjson' },
    body: options.body,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
    ...(options.signal && { signal: options.signal }),
  }).catch((error: unknown) => {
    throw new Problem('hub-not-running', `The hub at ${url.origin} does not answer.`, { cause: error })
  })
  const retryAfter = headers['retry-after']
  return {
    statusCode,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    answers: readAnswers(Readable.from(body)),
  }
}

async function* readAnswers(body: Readable): AsyncGenerator<SliceAnswer> {
  // readline does not tell of a connection that breaks off.
  let failure: Error | undefined
  body.on('error', (error) => {
    failure = error
  })
  for await (const line of createInterface({ input: body })) {
    if (line.trim() !== '') yield JSON.parse(line) as SliceAnswer
  }
  if (failure) throw failure
}
