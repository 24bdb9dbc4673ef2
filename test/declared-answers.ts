import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifyInstance } from 'fastify'
import { presentOpenapi } from '../src/http/openapi/present-openapi.ts'

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>>
  components: object
}

/**
 * Holds every answer of a server to the API document from now on: a status, a media type, a problem code or a body that it does
 * not declare becomes a complaint. Streams are held to their status and type only.
 */
export async function watchAnswers(server: FastifyInstance): Promise<{ seen: number; complaints: string[] }> {
  const document = JSON.parse(JSON.stringify(await presentOpenapi())) as Document
  const ajv = new Ajv({ strict: false, discriminator: true, validateFormats: false })
  const compiled = new Map<object, ValidateFunction>()
  const validatorOf = (schema: object) => {
    const known = compiled.get(schema) ?? ajv.compile({ ...schema, components: document.components })
    compiled.set(schema, known)
    return known
  }
  const watch = { seen: 0, complaints: [] as string[] }
  server.addHook('onSend', async (request, reply, payload) => {
    const { url } = request.routeOptions
    // What is described elsewhere, as pages for browsers are, is not in the document.
    if (url === undefined || request.routeOptions.config.operation?.isDescribedElsewhere) return payload
    watch.seen += 1
    const where = `${request.method} ${url} ${reply.statusCode}`
    const operation = document.paths[url.replace(/:(\w+)/g, '{$1}')]?.[request.method.toLowerCase()]
    const [mediaType = ''] = String(reply.getHeader('content-type')).split(';')
    const content = operation?.responses[reply.statusCode]?.content[mediaType]
    if (!content) watch.complaints.push(`${where}: ${mediaType} is not declared`)
    else if (typeof payload === 'string' && mediaType.endsWith('json')) {
      const validate = validatorOf(content.schema)
      if (!validate(JSON.parse(payload)))
        watch.complaints.push(`${where}: ${payload} ${ajv.errorsText(validate.errors)}`)
    }
    return payload
  })
  return watch
}
