import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { decodeUtf8 } from '../../contract/strict-json.ts'
import { requireSameOrigin } from '../auth/sign-in/same-origin.ts'

/** Forms of our pages are short. */
export const formBytesMax = 8_192

/** Lets routes of this room take forms of pages, and nothing else. */
export function acceptForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
}

/**
 * The fields of a form of one of our pages. Throws Problem `request-invalid` for a field that came twice, and `cross-site-request`
 * for a form that another site had sent: who cannot read our pages shall not act through them.
 */
export function readForm(request: FastifyRequest, publicUrl: string): (field: string) => string {
  requireSameOrigin(request, publicUrl)
  const { body } = request
  const fields = new URLSearchParams(Buffer.isBuffer(body) ? decodeUtf8(body) : '')
  return (field) => {
    const [value = '', ...more] = fields.getAll(field)
    if (more.length > 0) throw new Problem('request-invalid', 'A field of the form came twice.')
    return value
  }
}
