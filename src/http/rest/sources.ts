import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import type { ReadContext, Source } from '../../contract/source.ts'
import { answerSlices, collect } from '../answer-slices.ts'
import { callerOf } from '../auth/authorize.ts'
import { bodyStream, limitBytes } from '../body.ts'
import type { HttpDeps } from '../deps.ts'
import { type Operation, problemsOfBodies, problemsOfJson, problemsOfRecording } from '../openapi/operation.ts'
import { readParameter, textParameter } from '../parameter.ts'
import { answerWebhook, isWebhook } from '../receive-webhook.ts'

export function sourceNamed(deps: Pick<HttpDeps, 'sources'>, name: string): Source {
  const source = deps.sources.find((one) => one.name === name)
  if (!source) throw new Problem('unknown-source')
  return source
}

const accountParameter = textParameter('account', {
  description: "The vendor's account that the document comes from; needed where a source has several.",
  problem: 'unknown-account',
})

const operation: Operation = {
  id: 'recordDocument',
  summary: "Record a vendor's document or webhook",
  description:
    'Names every transaction in the order of the document, as one object, or as a line each for `Accept: application/x-ndjson`. A webhook is believed by its signature, everything else needs a token.',
  tag: 'intake',
  access: ['transactions:write', 'webhook-signature'],
  acts: 'per-store',
  path: { source: { description: 'Who wrote it, such as `poslog` or `shopify`.', schema: { type: 'string' } } },
  query: [accountParameter],
  body: {
    'application/json': 'bytes',
    'application/x-ndjson': 'bytes',
    'application/xml': 'bytes',
    'text/xml': 'bytes',
  },
  answers: {
    200: {
      description: 'Read to its end.',
      content: { 'application/json': 'document', 'application/x-ndjson': 'slice' },
    },
  },
  problems: [
    ...(['unknown-source', 'unknown-account', 'webhook-signature-invalid', 'webhook-account-unknown'] as const),
    ...(['xml-malformed', 'xml-doctype-forbidden', 'xml-too-complex'] as const),
    ...problemsOfRecording,
    ...problemsOfJson,
    ...problemsOfBodies,
  ],
}

/**
 * `POST /v1/sources/{source}`: a vendor's own bytes. The answer names every transaction in the order of the document, as one
 * JSON object or, for `Accept: application/x-ndjson`, as a line each while it is read. A webhook is believed by its signature;
 * everything else needs a token. `?account=` names the vendor's account where a source has several.
 */
export function registerSources(app: FastifyInstance, deps: HttpDeps): void {
  app.post<{ Params: { source: string }; Querystring: { account?: string } }>(
    '/v1/sources/:source',
    { bodyLimit: deps.limits.sourceBodyMaxBytes, config: { operation } },
    async (request, reply) => {
      if (isWebhook(deps, request.params.source, request)) {
        const answer = await answerWebhook(deps, sourceNamed(deps, request.params.source), request)
        return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer))
      }
      const sender = callerOf(request)
      const source = sourceNamed(deps, request.params.source)
      const answers = answerSlices(deps, source, {
        input: limitBytes(bodyStream(request), deps.limits.sourceBodyMaxBytes),
        context: contextOf(deps, source, request),
        sender,
        traceparent: request.trace.traceparent,
        traceId: request.id,
      })
      if (/application\/x-ndjson/.test(request.headers.accept ?? '')) {
        const lines = async function* () {
          for await (const answer of answers) yield `${JSON.stringify(answer)}\n`
        }
        return reply.header('content-type', 'application/x-ndjson').send(Readable.from(lines()))
      }
      const document = await collect(answers)
      const status = document.problem ? document.problem.status : 200
      const mediaType = document.problem ? 'application/problem+json' : 'application/json; charset=utf-8'
      const body = document.problem ? { ...document.problem, ...document, problem: undefined } : document
      return reply.code(status).header('content-type', mediaType).send(JSON.stringify(body))
    },
  )
}

/** The account that is named, else the only one of the source. */
function contextOf(
  deps: HttpDeps,
  source: Source,
  request: FastifyRequest<{ Querystring: { account?: string } }>,
): ReadContext {
  const accounts = (deps.accounts ?? []).filter((one) => one.source === source.name)
  const name = readParameter(request.query, accountParameter)
  const account =
    name === undefined && accounts.length === 1 ? accounts[0] : accounts.find((one) => one.names.includes(name ?? ''))
  if (name !== undefined && !account) throw new Problem('unknown-account')
  return account ? { ...deps.readContext, account } : deps.readContext
}
