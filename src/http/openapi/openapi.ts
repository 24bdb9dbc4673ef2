import { type ProblemCode, problemCodes } from '../../contract/problem.ts'
import { componentOf, type DefinedSchema, gatherComponents } from '../../contract/schema-components.ts'
import type { Parameter } from '../parameter.ts'
import type { AnswerDescription, Content, Operation } from './operation.ts'
import { problemsOfAccess, problemsOfAll } from './operation.ts'
import { isOptionalBody, presentBodySchema } from './present-body-schema.ts'

export interface DescribedRoute {
  method: string
  /** As Fastify writes it: `/v1/files/:id`. */
  url: string
  operation: Operation
}

/** The schemas that answers and bodies point to. */
export interface ApiSchemas {
  /** Of `ApiAnswers`. */
  answers: DefinedSchema
  transaction: DefinedSchema
  /** Fields of a transaction that the door fills in. */
  filledNames: readonly string[]
}

/** The OpenAPI 3.1 document of these routes. */
export function openapiDocument(routes: readonly DescribedRoute[], schemas: ApiSchemas): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { method, url, operation } of routes.filter((route) => !route.operation.isDescribedElsewhere)) {
    const path = url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tillflow',
      version: '1.0.0',
      description:
        'Receipts in, each recorded durably before it is answered. Errors are RFC 9457 problem details with a stable `code`; a value that a client sent is never echoed.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'http://json-schema.org/draft-07/schema#',
    servers: [{ url: 'http://127.0.0.1:7070', description: 'The default address of a hub.' }],
    paths: Object.fromEntries(Object.entries(paths).sort(([left], [right]) => (left < right ? -1 : 1))),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'Made with `tillflow token create`; or an access token of the authorization server, bound to a key by DPoP (RFC 9449) where its client is a till.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-tillflow',
          description:
            'Of somebody who has signed in with a browser; what changes something also needs `Tillflow-Request: 1`, from the origin of the hub. Over plain http, on the machine itself, it is called `tillflow`.',
        },
        webhookSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Vendor-Signature',
          description: 'Stands for the signature header of the vendor, such as `X-Shopify-Hmac-Sha256`; no token then.',
        },
      },
      schemas: {
        ...gatherComponents([withoutTop(schemas.answers), schemas.transaction]),
        TransactionUpload: uploadSchema(schemas),
      },
    },
  }
}

function describe(operation: Operation, schemas: ApiSchemas): Record<string, unknown> {
  const { id, summary, tag, access, path = {}, query = [], body } = operation
  const description = descriptionOf(operation)
  const parameters = [
    ...Object.entries(path).map(([name, more]) => ({ name, in: 'path', required: true, ...more })),
    ...query.map(queryParameter),
  ]
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: securityOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !isOptionalBody(body), content: contentOf(body, schemas) } }),
    responses: responsesOf(operation, schemas),
  }
}

/** A person has no scope that sends receipts; whatever else a token may do, a role may have too. */
function securityOf(access: Operation['access']): object[] {
  const isForPeople = access.some((one) => one !== 'webhook-signature' && one !== 'transactions:write')
  const tokens = access
    .filter((one) => one !== 'session')
    .map((one) => (one === 'webhook-signature' ? { webhookSignature: [] } : { token: [one] }))
  return [...tokens, ...(isForPeople ? [{ session: [] }] : [])]
}

/** What all operations on the receipts of a store have in common is said once, here. */
function descriptionOf({ description, access, acts }: Operation): string | undefined {
  const isNarrowed = acts === 'per-store' && access.some((one) => one.startsWith('admin:'))
  const told = isNarrowed ? 'Whoever may do it for some stores sees and changes what is theirs.' : undefined
  const all = [description, told].filter((text) => text !== undefined)
  return all.length > 0 ? all.join(' ') : undefined
}

function queryParameter({ name, description, required = false, schema, problem }: Parameter<unknown>): object {
  const told = `${description} Not as described, or sent twice: \`${problem}\`.`
  return { name, in: 'query', description: told, required, schema }
}

function contentOf(content: AnswerDescription['content'], schemas: ApiSchemas): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, what]) => [mediaType, { schema: schemaOf(what, schemas) }]),
  )
}

function schemaOf(what: Content, { answers }: ApiSchemas): object {
  if (typeof what === 'object') return presentBodySchema(what.schema)
  if (what === 'transaction') return { $ref: '#/components/schemas/TransactionUpload' }
  if (what === 'bytes') return {}
  if (what === 'text') return { type: 'string' }
  const definitions = answers.definitions as { ApiAnswers?: { properties: Record<string, DefinedSchema> } }
  const schema = definitions.ApiAnswers?.properties[what]
  if (!schema) throw new RangeError(`no schema of the answer ${what}`)
  return JSON.parse(JSON.stringify(schema).replaceAll('#/definitions/', '#/components/schemas/')) as object
}

/** Answers and problems by status. A status with both keeps both, by their media types. */
function responsesOf({ access, answers, problems }: Operation, schemas: ApiSchemas): Record<string, unknown> {
  const responses: Record<string, { description: string; content: Record<string, unknown> }> = {}
  for (const [status, { description, content }] of Object.entries(answers)) {
    responses[status] = { description, content: contentOf(content, schemas) }
  }
  for (const [status, codes] of byStatus([
    ...(access.length > 0 ? problemsOfAccess : []),
    ...problems,
    ...problemsOfAll,
  ])) {
    const words = codes.map((code) => `\`${code}\`: ${problemCodes[code][1]}`).join(' ')
    const known = responses[status]
    const schema = { allOf: [{ $ref: '#/components/schemas/ProblemBody' }, { properties: { code: { enum: codes } } }] }
    responses[status] = {
      description: [known?.description, words].filter(Boolean).join(' '),
      content: {
        ...known?.content,
        ...(!known?.content['application/problem+json'] && { 'application/problem+json': { schema } }),
      },
    }
  }
  return responses
}

function byStatus(codes: readonly ProblemCode[]): Map<string, ProblemCode[]> {
  const grouped = new Map<string, ProblemCode[]>()
  for (const code of new Set(codes)) {
    const status = String(problemCodes[code][0])
    grouped.set(status, [...(grouped.get(status) ?? []), code])
  }
  return grouped
}

function withoutTop({ definitions = {} }: DefinedSchema): DefinedSchema {
  const { ApiAnswers: _, ...rest } = definitions as Record<string, unknown>
  return { definitions: rest }
}

/** The schema that the server validates with, less what it fills in itself before. */
function uploadSchema({ transaction, filledNames }: ApiSchemas): object {
  const components = gatherComponents([transaction])
  const name = componentOf(transaction).$ref.split('/').at(-1) ?? ''
  const whole = components[name] as { required: string[]; description?: string }
  return {
    ...whole,
    required: whole.required.filter((field) => !filledNames.includes(field)),
    description: `A transaction as a client sends it. The hub fills in ${filledNames.join(', ')}; a field or word that it does not know is kept in \`extensions\` and counted.`,
  }
}
