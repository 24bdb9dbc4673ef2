import { Ajv, type JSONSchemaType } from 'ajv'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../contract/problem.ts'
import { decodeUtf8, parseStrictJson } from '../contract/strict-json.ts'

/** Bodies of acts on the hub are small. */
export const jsonBodyMaxBytes = 65_536

/**
 * Reads a JSON body of this shape; an empty body is `{}`. Throws the Problems of `parseStrictJson`, and `request-invalid` with the
 * place that is wrong, never with what stands there.
 */
export function jsonBody<Body>(schema: JSONSchemaType<Body>): (request: FastifyRequest) => Body {
  let validate: ReturnType<Ajv['compile']> | undefined
  return (request) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const body = bytes.length === 0 ? {} : parseStrictJson(decodeUtf8(bytes))
    validate ??= new Ajv({ allErrors: false }).compile(schema)
    if (validate(body)) return withoutNulls(body as object) as Body
    const [error] = validate.errors ?? []
    throw new Problem('request-invalid', `${error?.instancePath || 'The body'} ${error?.message ?? 'is wrong'}.`)
  }
}

/** A field that is null says nothing, like one that is not there. */
function withoutNulls(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}
