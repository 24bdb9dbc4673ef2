import { mkdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createAdmin } from '../admin.ts'
import { type Answer, playFaultAfter, playFaultBefore, readBody, sendAnswer } from '../exchange.ts'
import { createDice, type Faults, isPoisoned } from '../faults.ts'
import { openGroupLog, readGroupLog } from '../group-log.ts'
import type { BackOffice } from '../run-process.ts'
import { type BookedDocument, Books, type BooksRules } from './books.ts'
import { totalDay } from './day-totals.ts'
import { isRefusal, readDocument } from './document.ts'

export interface ReferenceErpOptions extends BooksRules {
  dataDirectory: string
  /** Callers must send it as a bearer token. */
  apiKey?: string
  seed: number
  faults: Faults
}

const pageMax = 100

/**
 * A small ERP that behaves as one: it books a document once it is durable, refuses what does not add up, can be asked what it
 * has, and breaks as real ones break. `effects.ndjson` has one line per booked document, `requests.ndjson` one per request.
 */
export async function openReferenceErp(options: ReferenceErpOptions): Promise<BackOffice> {
  await mkdir(options.dataDirectory, { recursive: true })
  const effectsPath = join(options.dataDirectory, 'effects.ndjson')
  const effects = await openGroupLog(effectsPath)
  const requests = await openGroupLog(join(options.dataDirectory, 'requests.ndjson'))
  const books = new Books()
  for await (const line of readGroupLog(effectsPath)) books.restore(line as BookedDocument)
  const rules: BooksRules = { idempotent: options.idempotent, unknownOriginal: options.unknownOriginal }
  const roll = createDice(options.seed)
  const counts = { posts: 0, lookUps: 0, seenBefore: 0, refused: 0 }
  const admin = createAdmin({
    faults: options.faults,
    effects,
    effectsPath,
    counts: () => ({ ...counts, effects: books.count, references: books.referencesCount }),
  })

  const post = async (text: string | undefined, key: string | undefined): Promise<Answer> => {
    const document = readDocument(parse(text))
    if (isRefusal(document)) return refuse(422, document.code, document.message)
    if (isPoisoned(admin.faults(), document.reference)) return refuse(422, 'refused', 'This document is refused.')
    const result = books.book(document, key, rules, new Date())
    if (result.kind === 'refused') return refuse(result.status, result.refusal.code, result.refusal.message)
    if (result.kind === 'booked') await effects.append(result.document)
    else {
      counts.seenBefore += 1
      // The first may still be on its way to the disk.
      await effects.settled()
    }
    return { status: result.kind === 'booked' ? 201 : 200, body: { document: shown(result.document) } }
  }
  const refuse = (status: number, code: string, message: string): Answer => {
    counts.refused += 1
    return { status, body: { error: { code, message } } }
  }

  const read = async (url: URL): Promise<Answer> => {
    counts.lookUps += 1
    await effects.settled()
    if (url.pathname === '/api/documents') {
      const found = books.findByReference(url.searchParams.get('reference') ?? '')
      return { status: 200, body: { documents: found.map(shown) } }
    }
    const match = /^\/api\/stores\/([^/]+)\/days\/([^/]+)\/(documents|totals)$/.exec(url.pathname)
    if (!match) return { status: 404, body: { error: { code: 'not-found', message: 'There is nothing here.' } } }
    const [, store = '', day = '', what] = match.map((part) => decodeURIComponent(part))
    const documents = books.documentsOf(store, day)
    if (what === 'totals') return { status: 200, body: totalDay(documents) }
    const after = Number(url.searchParams.get('after') ?? 0)
    const start = documents.findIndex((document) => document.sequence > after)
    const page = start === -1 ? [] : documents.slice(start, start + pageMax)
    const last = page.at(-1)
    const more = last !== undefined && last !== documents.at(-1)
    return { status: 200, body: { documents: page.map(shown), ...(more && { next: last.sequence }) } }
  }

  const handleApi = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const key = request.headers['idempotency-key']?.toString()
    const isPost = request.method === 'POST' && url.pathname === '/api/documents'
    if (isPost) counts.posts += 1
    const logged = requests.append({
      at: new Date().toISOString(),
      method: request.method,
      path: url.pathname + url.search,
      key,
    })
    const text = isPost ? await readBody(request) : undefined
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      await logged
      return sendAnswer(response, refuse(401, 'unauthorized', 'The key is missing or wrong.'))
    }
    if (await playFaultBefore(response, admin.faults(), roll)) return
    const answer = isPost ? await post(text, key) : await read(url)
    await logged
    if (isPost && answer.status < 300 && playFaultAfter(response, answer, admin.faults(), roll)) return
    sendAnswer(response, answer)
  }

  return {
    async handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://erp.invalid')
      if (url.pathname === '/health') return sendAnswer(response, { status: 200, body: { ok: true } })
      if (url.pathname.startsWith('/admin/')) return admin.handle(request, response, url.pathname)
      return handleApi(request, response, url)
    },
    close: async () => {
      await Promise.all([effects.close(), requests.close()])
    },
  }
}

/** A document as callers see it. */
function shown({ contentHash: _, sequence: __, ...document }: BookedDocument): object {
  return document
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
