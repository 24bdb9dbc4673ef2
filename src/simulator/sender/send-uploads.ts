import type { ReadContext } from '../../contract/source.ts'
import { isPostable } from '../../domain/postable.ts'
import type { TillUpload } from '../faults/misbehave.ts'
import type { AcknowledgementRecord } from './acknowledgements.ts'
import { type EncodedDocument, encode, type Format } from './encode.ts'
import { type HubClient, isTemporary } from './hub-client.ts'

/** What tills sent to a hub and were told, in transactions. */
export interface HubCounts {
  uploads: number
  recorded: number
  duplicates: number
  conflicts: number
  quarantined: number
  refused: number
  /** Documents that were planted so that nothing can be read of them, and that the hub did not keep: as it must be. */
  unreadable: number
}

export function noHubCounts(): HubCounts {
  return { uploads: 0, recorded: 0, duplicates: 0, conflicts: 0, quarantined: 0, refused: 0, unreadable: 0 }
}

export interface SendUploadsOptions {
  client: HubClient
  format: Format
  context: ReadContext
  record: AcknowledgementRecord
  counts: HubCounts
  /** The first refusals, in the hub's own words. */
  refusals: string[]
}

interface Answer {
  status: number
  kind?: string
  code?: string
  detail?: string
  transactionId?: string
  transactionKey?: string
}

const refusalsMax = 20

/** Sends uploads of one till, in their order; resolves when each is answered for good and what was promised is on disk. */
export async function sendUploads(uploads: readonly TillUpload[], options: SendUploadsOptions): Promise<void> {
  for (const document of encode(uploads, options.format, options.context)) {
    if (options.format.name === 'tillflow') await sendLines(document.uploads, options)
    else await sendDocument(document, options)
  }
}

/** Lines that are answered with a wait are sent again, and with them those after them: they are the till's next numbers. */
async function sendLines(uploads: readonly TillUpload[], options: SendUploadsOptions): Promise<void> {
  let left = uploads
  while (left.length > 0) {
    const [document] = encode(left, options.format, options.context)
    if (!document) return
    const reply = await options.client.post('/v1/transactions/batch', options.format.writer.mediaType, document.body)
    if (!reply) return
    const answers = answersIn(reply.text, reply.status)
    const until = answers.findIndex(({ status }) => isTemporary(status))
    const settled = until < 0 ? left.length : until
    const promised = left.slice(0, settled).map((upload, index) => settle(upload, answers[index], options))
    await options.record.appendAll(promised.flat())
    left = left.slice(settled)
    if (settled === 0) await options.client.pause()
  }
}

/** A vendor's document is answered fact by fact. Which fact is which transaction only a document of as many tells. */
async function sendDocument(document: EncodedDocument, options: SendUploadsOptions): Promise<void> {
  const { client, format, context, record, counts, refusals } = options
  const account = context.account === undefined ? '' : `?account=${encodeURIComponent(context.account.account)}`
  for (;;) {
    const reply = await client.post(`/v1/sources/${format.name}${account}`, format.writer.mediaType, document.body)
    if (!reply) return
    const answers = answersIn(reply.text, reply.status)
    if (answers.some(({ status }) => isTemporary(status))) {
      await options.client.pause()
      continue
    }
    if (document.kind === 'unreadable' && !answers.some(isAnswered)) {
      counts.uploads += 1
      counts.unreadable += 1
    } else if (answers.length === document.uploads.length) {
      const promised = document.uploads.map((upload, index) => settle(upload, answers[index], options))
      await record.appendAll(promised.flat())
    } else {
      for (const answer of answers) count(answer, counts, 'receipt')
      noteRefusals(answers, refusals)
      counts.uploads += document.uploads.length
    }
    return
  }
}

function settle(upload: TillUpload, answer: Answer | undefined, { counts, refusals }: SendUploadsOptions) {
  counts.uploads += 1
  const given = answer ?? { status: 0, code: 'internal-error', detail: 'no answer for this line' }
  count(given, counts, upload.kind)
  noteRefusals([given], refusals)
  const isPromised = upload.kind === 'receipt' && (given.kind === 'recorded' || given.kind === 'duplicate')
  if (!isPromised) return []
  const { transactionId = '', transactionKey = '', status } = given
  return [{ status, transactionId, transactionKey, postable: isPostable(upload.transaction).postable }]
}

function noteRefusals(answers: readonly Answer[], refusals: string[]): void {
  for (const answer of answers) {
    const { code = 'problem', detail = '' } = answer
    if (!isAnswered(answer) && refusals.length < refusalsMax) refusals.push(`${code}: ${detail}`)
  }
}

/** A receipt that was answered before, and the answer lost, is recorded all the same. */
function count(answer: Answer, counts: HubCounts, kind: TillUpload['kind']): void {
  if (answer.kind === 'recorded' || (answer.kind === 'duplicate' && kind !== 'again')) counts.recorded += 1
  else if (answer.kind === 'duplicate') counts.duplicates += 1
  else if (answer.kind === 'conflict') counts.conflicts += 1
  else if (answer.kind === 'quarantined') counts.quarantined += 1
  else counts.refused += 1
}

function isAnswered({ kind }: Answer): boolean {
  return kind !== undefined
}

/** Answers line by line; a problem of the whole request is one answer. */
function answersIn(text: string, status: number): Answer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ status, ...(JSON.parse(line) as Partial<Answer>) }))
}
