import { randomBytes } from 'node:crypto'
import type { ReadContext, ReadResult, Source } from '../contract/source.ts'
import type { RecordSlices } from '../files/record-files.ts'
import { answerSlices } from './answer-slices.ts'
import { senderOf } from './auth/caller.ts'
import type { HttpDeps } from './deps.ts'
import { sourceNamed } from './rest/sources.ts'

/**
 * Records an uploaded file as its sender would have by sending it to `/v1/sources/{source}`. Slices that were recorded before a hub
 * died are read again and passed over.
 */
export function recordUploadedFiles(deps: HttpDeps): RecordSlices {
  return async function* (file, input) {
    const done = Number(file.slices)
    const source = withoutFirst(sourceNamed(deps, file.source), done)
    const sender = senderOf(file.sender_id, file.sender_stores)
    const context = contextOf(deps, file.source, file.account)
    const document = {
      input,
      context,
      sender,
      traceparent: traceOf(file.file_id),
      traceId: file.file_id,
      masked: file.masked,
    }
    for await (const answer of answerSlices(deps, source, document)) {
      yield { ...answer, slice: answer.slice === 0 ? 0 : answer.slice + done }
    }
  }
}

/** One trace for a file (W3C Trace Context): its id says which. */
function traceOf(fileId: string): string {
  return `00-${fileId.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-01`
}

function withoutFirst(source: Source, count: number): Source {
  return {
    ...source,
    read: async function* (input, context): AsyncGenerator<ReadResult> {
      let passed = 0
      for await (const result of source.read(input, context)) {
        passed += 1
        if (passed > count) yield result
      }
    },
  }
}

function contextOf(deps: HttpDeps, source: string, name: string | null): ReadContext {
  const accounts = (deps.accounts ?? []).filter((one) => one.source === source)
  const account =
    name === null ? (accounts.length === 1 ? accounts[0] : undefined) : accounts.find((one) => one.names.includes(name))
  return account ? { ...deps.readContext, account } : deps.readContext
}
