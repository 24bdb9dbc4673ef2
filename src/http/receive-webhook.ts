import { performance } from 'node:perf_hooks'
import type { FastifyRequest } from 'fastify'
import { isProblem, Problem } from '../contract/problem.ts'
import { countSlices } from '../contract/slice-quality.ts'
import type { ConnectedAccount, ReadContext, Source } from '../contract/source.ts'
import type { SourceWebhooks, WebhookNotice, WebhookRequest } from '../contract/source-webhook.ts'
import { answerSlices, collect, type DocumentAnswer, type SliceAnswer } from './answer-slices.ts'
import type { Sender } from './auth/caller.ts'
import { bodyStream, limitBytes } from './body.ts'
import type { HttpDeps } from './deps.ts'
import { guardBytes } from './guard-bytes.ts'
import { statusOf } from './receive.ts'

/** The largest order of the known vendors has about 5 MB. Until the signature is found right, the body is a stranger's. */
const webhookBytesMax = 8 * 1024 * 1024

/** There was nothing in it to record. */
export interface WebhookIgnored {
  ignored: 1
}

export type WebhookAnswer = DocumentAnswer | WebhookIgnored

/** Whether a request comes with a vendor's signature instead of a token. */
export function isWebhook(deps: HttpDeps, sourceName: string, { headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const source = deps.sources.find((one) => one.name === sourceName)
  return headers.authorization === undefined && (source?.webhooks?.isWebhook(headers) ?? false)
}

/**
 * Verifies, records, then answers: a vendor takes any 2xx for "you have it" and never sends that again. What cannot be read is
 * kept in quarantine, since the vendor would send the same bytes until it gives up on us. Throws where nothing was kept.
 */
export async function answerWebhook(deps: HttpDeps, source: Source, request: FastifyRequest): Promise<WebhookAnswer> {
  const startedAt = performance.now()
  const count = (outcome: string) =>
    deps.metrics?.answered(source.name, outcome, (performance.now() - startedAt) / 1_000)
  try {
    const rawBody = await wholeBody(request)
    const { account, notice } = verify(deps, source, { headers: request.headers, rawBody })
    const sender = senderOf(account)
    if (notice.carries === 'nothing') {
      count('ignored')
      return { ignored: 1 }
    }
    if (notice.carries === 'privacy-request') {
      return await keepWhole(deps, source, sender, rawBody, new Problem('privacy-request'), request)
    }
    const document = await readWebhook(deps, source, { ...deps.readContext, account }, sender, rawBody, request)
    refuseWhatWasNotKept(document)
    return document
  } catch (error) {
    // What was read is counted slice by slice.
    if (isProblem(error) && !(error instanceof NotKept)) count(error.code)
    throw error
  }
}

/** A slice of a webhook that was not kept fails the webhook as a whole: what was kept is a duplicate next time. */
class NotKept extends Problem {}

function refuseWhatWasNotKept({ transactions }: DocumentAnswer): void {
  const refused = transactions.filter((slice) => slice.kind === undefined)
  const worst = refused.sort((left, right) => right.status - left.status)[0]
  if (worst) throw new NotKept(worst.code as NotKept['code'])
}

async function wholeBody(request: FastifyRequest): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of limitBytes(bodyStream(request), webhookBytesMax)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function verify(
  deps: HttpDeps,
  source: Source,
  { headers, rawBody }: Omit<WebhookRequest, 'url'>,
): { account: ConnectedAccount; notice: WebhookNotice } {
  const webhooks = source.webhooks
  if (!webhooks) throw new Problem('webhook-signature-invalid')
  const accounts = (deps.accounts ?? []).filter((one) => one.source === source.name)
  // Every account is tried: which one it is for stands in the part nobody has vouched for yet.
  const signers = accounts.filter((account) => isSignedBy(webhooks, account, headers, rawBody))
  const [first] = signers
  if (!first) throw new Problem('webhook-signature-invalid')
  const notice = webhooks.describeWebhook({ headers, rawBody, url: first.notificationUrl })
  const { account: name } = notice
  // One app serves many shops with one secret, so a right signature does not yet say which shop.
  const account =
    name === undefined && signers.length === 1 ? first : signers.find((one) => one.names.includes(name ?? ''))
  if (!account) throw new Problem('webhook-account-unknown')
  return { account, notice }
}

function isSignedBy(
  webhooks: SourceWebhooks,
  { secrets, notificationUrl }: ConnectedAccount,
  headers: WebhookRequest['headers'],
  rawBody: Uint8Array,
): boolean {
  if (secrets.length === 0) return false
  const revealed = secrets.map((secret) => secret.reveal())
  return webhooks.verifyWebhook({ headers, rawBody, url: notificationUrl }, revealed)
}

/** Speaks for the stores of its account: the source takes no other store from a vendor's document. */
function senderOf({ source, account }: ConnectedAccount): Sender {
  return { senderId: `webhook:${source}/${account}`, maySpeakFor: () => true }
}

async function readWebhook(
  deps: HttpDeps,
  source: Source,
  context: ReadContext,
  sender: Sender,
  rawBody: Buffer,
  request: FastifyRequest,
): Promise<DocumentAnswer> {
  const { id: traceId, trace } = request
  const document = await collect(
    answerSlices(deps, source, { input: [rawBody], context, sender, traceparent: trace.traceparent, traceId }),
  )
  if (!document.problem) return document
  const { code } = document.problem
  const kept = await keepWhole(deps, source, sender, rawBody, new Problem(code as Problem['code']), request)
  document.quarantined += 1
  document.transactions.push(...kept.transactions)
  return { ...document, problem: undefined } as unknown as DocumentAnswer
}

/** Keeps a webhook as it came, in quarantine. */
async function keepWhole(
  deps: HttpDeps,
  source: Source,
  sender: Sender,
  rawBody: Buffer,
  { code, message }: Problem,
  { id: traceId, trace }: FastifyRequest,
): Promise<DocumentAnswer> {
  const startedAt = performance.now()
  const { bytes, masked } = guardBytes(rawBody)
  const answer = await deps.intake.record({
    source: source.name,
    result: { kind: 'unreadable', problem: code, detail: message, partial: {}, bytes },
    fidelity: masked ? 'masked' : 'verbatim',
    senderId: sender.senderId,
    traceparent: trace.traceparent,
  })
  deps.metrics?.answered(source.name, answer.kind, (performance.now() - startedAt) / 1_000)
  if (code === 'privacy-request') deps.logger.warn({ traceId, source: source.name }, 'a privacy request was received')
  const slice: SliceAnswer = { slice: 1, status: statusOf(answer), ...answer }
  return { ...countSlices([slice]), transactions: [slice] }
}
