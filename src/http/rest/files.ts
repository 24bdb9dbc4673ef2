import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { readFileErrors, readFileView, readFileViews } from '../../files/read.ts'
import { receiveFile } from '../../files/receive-file.ts'
import { harmlessName } from '../../privacy/harmless-name.ts'
import { requireSender } from '../auth/require-sender.ts'
import type { Sender } from '../auth/token-store.ts'
import { bodyStream } from '../body.ts'
import type { FilesDeps, HttpDeps } from '../deps.ts'
import { sourceNamed } from './sources.ts'

const pageMax = 200
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface UploadQuery {
  source?: string
  name?: string
  account?: string
  sha256?: string
}

interface PageQuery {
  limit?: string
  before?: string
  after?: string
}

/**
 * `POST /v1/files?source=`: a whole file, kept before it is read: 202 with its id, 200 where its content was recorded before. `GET
 * /v1/files/{id}` says how far it is and what was bad in it. Senders see their own files, operators (`admin:read`) all.
 */
export function registerFiles(app: FastifyInstance, deps: HttpDeps, files: FilesDeps): void {
  // A room of its own: only here do bytes of any type pass as a stream.
  app.register(async (scope) => {
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
    registerUpload(scope, deps, files)
  })
  registerLists(app, deps, files)
}

function registerUpload(app: FastifyInstance, deps: HttpDeps, files: FilesDeps): void {
  app.post<{ Querystring: UploadQuery }>(
    '/v1/files',
    {
      bodyLimit: files.limits.bytesMax,
      // Documents of this type would be gathered in memory.
      onRequest: async (request) => {
        if (request.headers['content-type']?.startsWith('application/json'))
          throw new Problem('unsupported-media-type', 'Send files as application/octet-stream.')
      },
    },
    async (request, reply) => {
      const sender = await requireSender(deps, request, 'transactions:write')
      const { source, name = 'file', account, sha256 } = request.query
      if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw new Problem('control-total-mismatch')
      const known = sourceNamed(deps, source ?? '')
      const mine = (deps.accounts ?? []).filter((one) => one.source === known.name)
      if (account !== undefined && !mine.some((one) => one.names.includes(account)))
        throw new Problem('unknown-account')
      const { fileId, isRepeat } = await receiveFile(
        files.db,
        files.vault,
        {
          name: harmlessName(name),
          source: known.name,
          senderId: sender.tokenId,
          ...(account !== undefined && { account }),
          ...(sender.stores && { senderStores: sender.stores }),
          ...(sha256 !== undefined && { sha256 }),
        },
        bodyStream(request),
        files.limits,
        () => request.raw.complete,
      )
      if (!isRepeat) reply.header('location', `/v1/files/${fileId}`)
      return reply.code(isRepeat ? 200 : 202).send({ fileId, duplicate: isRepeat })
    },
  )
}

function registerLists(app: FastifyInstance, deps: HttpDeps, files: FilesDeps): void {
  app.get<{ Querystring: PageQuery }>('/v1/files', async (request, reply) => {
    const sender = await readingSender(deps, request)
    const { before } = request.query
    if (before !== undefined && !uuid.test(before)) throw new Problem('invalid-page')
    const limit = limitOf(request.query)
    const found = await readFileViews(files.db, { senderId: scopeOf(sender), before, limit })
    const next = found.length === limit ? found.at(-1)?.fileId : undefined
    return reply.send({ files: found, ...(next !== undefined && { next }) })
  })

  app.get<{ Params: { id: string }; Querystring: PageQuery }>('/v1/files/:id', async (request, reply) => {
    const sender = await readingSender(deps, request)
    const { id } = request.params
    const view = uuid.test(id) ? await readFileView(files.db, id, scopeOf(sender)) : undefined
    if (!view) throw new Problem('not-found')
    const { after = '0' } = request.query
    if (!/^\d{1,15}$/.test(after)) throw new Problem('invalid-page')
    const limit = limitOf(request.query)
    const errors = await readFileErrors(files.db, id, Number(after), limit)
    const next = errors.length === limit ? errors.at(-1)?.slice : undefined
    return reply.send({ ...view, errors, ...(next !== undefined && { next }) })
  })
}

/** Either scope may read. */
async function readingSender(deps: HttpDeps, request: Parameters<typeof requireSender>[1]): Promise<Sender> {
  return requireSender(deps, request, 'admin:read').catch(() => requireSender(deps, request, 'transactions:write'))
}

function scopeOf(sender: Sender): string | undefined {
  return sender.scopes.has('admin:read') ? undefined : sender.tokenId
}

function limitOf({ limit = '50' }: PageQuery): number {
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > pageMax) throw new Problem('invalid-page')
  return Number(limit)
}
