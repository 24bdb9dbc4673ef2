import { Ajv, type JSONSchemaType } from 'ajv'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../contract/problem.ts'
import { decodeUtf8, parseStrictJson } from '../contract/strict-json.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import { refuseSensitiveAuthenticationData } from '../privacy/card-numbers/sensitive-data.ts'

/** Bodies of acts on the hub are small. */
export const jsonBodyMaxBytes = 65_536

/** A body of one shape: one schema for the server that reads by it and the API document that describes it. */
export interface JsonBody<Body> {
  /** JSON Schema, with Ajv's `nullable`. */
  schema: object
  /**
   * An empty body is `{}`. Card numbers in its words are masked. Throws the Problems of `parseStrictJson`, `unsupported-media-type`
   * where it was not sent as JSON, `sensitive-authentication-data`, and `request-invalid` with the place that is wrong, never with
   * what stands there.
   */
  read(request: FastifyRequest): Body
}

export function jsonBody<Body>(schema: JSONSchemaType<Body>): JsonBody<Body> {
  let validate: ReturnType<Ajv['compile']> | undefined
  return {
    schema,
    read: (request) => {
      const body = bodyOf(request)
      validate ??= new Ajv({ allErrors: false }).compile(schema)
      if (validate(body)) return withoutNulls(body as object) as Body
      const [error] = validate.errors ?? []
      throw new Problem('request-invalid', `${error?.instancePath || 'The body'} ${error?.message ?? 'is wrong'}.`)
    },
  }
}

function bodyOf({ body }: FastifyRequest): unknown {
  if (body === undefined) return {}
  // A stream is of another type than JSON; what somebody meant by it must not be taken for nothing.
  if (!Buffer.isBuffer(body)) throw new Problem('unsupported-media-type', 'Send the body as application/json.')
  if (body.length === 0) return {}
  const text = decodeUtf8(body)
  refuseSensitiveAuthenticationData(text)
  return withMaskedWords(parseStrictJson(text))
}

/** Why somebody does something is kept for ever. The name of a person is only looked for: masked it would be nobody's. */
function withMaskedWords(value: unknown): unknown {
  if (typeof value === 'string') return maskCardNumbers(value).text
  if (Array.isArray(value)) return value.map(withMaskedWords)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, one]) => [name, name === 'subject' ? one : withMaskedWords(one)])
  return Object.fromEntries(members)
}

/** A field that is null says nothing, like one that is not there. */
function withoutNulls(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}
