import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { decideHeldFile, type HeldDecision } from '../../files/decide-held.ts'
import { readFileErrors, readFileView, readFileViews } from '../../files/read.ts'
import { receiveFile } from '../../files/receive-file.ts'
import { harmlessName } from '../../privacy/harmless-name.ts'
import { callerOf } from '../auth/authorize.ts'
import { type Caller, isGranted, storesFor } from '../auth/caller.ts'
import { bodyStream } from '../body.ts'
import type { FilesDeps, HttpDeps } from '../deps.ts'
import { readParameter } from '../parameter.ts'
import { decideHeld, listFiles, readFile, uploadFile, uploadParameters } from './describe-files.ts'
import { pageDefault, pageParameters, uuidPattern } from './page.ts'
import { sourceNamed } from './sources.ts'

/**
 * `POST /v1/files?source=`: a whole file, kept before it is read: 202 with its id, 200 where its content was recorded before. `GET
 * /v1/files/{id}` says how far it is and what was bad in it. Senders see their own files, operators (`admin:read`) those of
 * their stores.
 */
export function registerFiles(app: FastifyInstance, deps: HttpDeps, files: FilesDeps): void {
  // A room of its own: only here do bytes of any type pass as a stream.
  app.register(async (scope) => {
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
    registerUpload(scope, deps, files)
  })
  registerLists(app, files)
  registerDecision(app, files, 'resume')
  registerDecision(app, files, 'discard')
}

/** `POST /v1/files/{id}/resume` and `/discard`: what its sender decides about a file that is held. */
function registerDecision(app: FastifyInstance, files: FilesDeps, decision: HeldDecision): void {
  const config = { operation: decideHeld[decision] }
  app.post<{ Params: { id: string } }>(`/v1/files/:id/${decision}`, { config }, async (request, reply) => {
    const sender = callerOf(request)
    const { id } = request.params
    const own = ownOf(sender)
    const view = new RegExp(uuidPattern).test(id) ? await readFileView(files.db, id, own) : undefined
    if (!view) throw new Problem('not-found')
    if (!(await decideHeldFile(files.db, id, own?.senderId, { decision, actor: sender.actor })))
      throw new Problem('file-not-held')
    const errors = await readFileErrors(files.db, id, 0, pageDefault)
    return reply.send({ ...(await readFileView(files.db, id, own)), errors })
  })
}

function registerUpload(app: FastifyInstance, deps: HttpDeps, files: FilesDeps): void {
  app.post(
    '/v1/files',
    {
      bodyLimit: files.limits.bytesMax,
      config: { operation: uploadFile },
      // Documents of this type would be gathered in memory.
      onRequest: async (request) => {
        if (request.headers['content-type']?.startsWith('application/json'))
          throw new Problem('unsupported-media-type', 'Send files as application/octet-stream.')
      },
    },
    async (request, reply) => {
      const sender = callerOf(request)
      // A file is recorded later, by the stores of its sender: which till it was is not known any more.
      if (sender.workstationId !== undefined)
        throw new Problem('scope-store', 'A till sends its own receipts; files are sent with a token for the store.')
      const { query } = request
      const sha256 = readParameter(query, uploadParameters.sha256)
      const known = sourceNamed(deps, readParameter(query, uploadParameters.source) ?? '')
      const name = readParameter(query, uploadParameters.name) ?? 'file'
      const account = readParameter(query, uploadParameters.account)
      const mine = (deps.accounts ?? []).filter((one) => one.source === known.name)
      if (account !== undefined && !mine.some((one) => one.names.includes(account)))
        throw new Problem('unknown-account')
      const { fileId, isRepeat } = await receiveFile(
        files.db,
        files.vault,
        {
          name: harmlessName(name),
          source: known.name,
          senderId: sender.senderId,
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

function registerLists(app: FastifyInstance, files: FilesDeps): void {
  app.get('/v1/files', { config: { operation: listFiles } }, async (request, reply) => {
    const sender = callerOf(request)
    const before = readParameter(request.query, pageParameters.before)
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const found = await readFileViews(files.db, { reach: reachOf(sender), before, limit })
    const next = found.length === limit ? found.at(-1)?.fileId : undefined
    return reply.send({ files: found, ...(next !== undefined && { next }) })
  })

  app.get<{ Params: { id: string } }>('/v1/files/:id', { config: { operation: readFile } }, async (request, reply) => {
    const sender = callerOf(request)
    const { id } = request.params
    const view = new RegExp(uuidPattern).test(id) ? await readFileView(files.db, id, reachOf(sender)) : undefined
    if (!view) throw new Problem('not-found')
    const after = readParameter(request.query, pageParameters.after) ?? 0
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const errors = await readFileErrors(files.db, id, after, limit)
    const next = errors.length === limit ? errors.at(-1)?.slice : undefined
    return reply.send({ ...view, errors, ...(next !== undefined && { next }) })
  })
}

/** What is decided about a file is decided by its sender, or by one who looks after all of them. */
function ownOf(sender: Caller): { senderId: string; stores: readonly string[] } | undefined {
  return isGranted(sender, 'admin:read') ? undefined : { senderId: sender.senderId, stores: [] }
}

/** Whoever looks after some stores sees what was sent for them alone. */
function reachOf(sender: Caller): { senderId: string; stores: readonly string[] } | undefined {
  const stores = storesFor(sender, 'admin:read')
  return stores && { senderId: sender.senderId, stores }
}
