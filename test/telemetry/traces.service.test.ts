import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTraceparent } from '../../src/contract/trace-context.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { type StartedHub, startHubProcess, startTarget } from './hub.ts'
import { type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'

const secretOfTheAddress = 'T0K3N-IN-THE-PATH'
const refused = 4
const slow = 2

let server: TestServer
let database: TestDatabase
let directory: string
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
let target: Awaited<ReturnType<typeof startTarget>>
let hub: StartedHub

beforeAll(async () => {
  server = await startTestServer()
  database = await server.createDatabase()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-traces-'))
  collector = await startOtlpReceiver()
  target = await startTarget((subject, request) => {
    if (subject.endsWith(`/${refused}`)) return 422
    return subject.endsWith(`/${slow}`) && request === 1 ? 503 : 204
  })
  hub = await startHubProcess({
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_DATA_DIRECTORY: directory,
    TILLFLOW_TELEMETRY_OTLP_URL: collector.url,
    TILLFLOW_TELEMETRY_OTLP_HEADERS: 'api-key=of%20the%20collector',
    TILLFLOW_TELEMETRY_TRACES_SAMPLED_PERCENT: '100',
    TILLFLOW_TELEMETRY_METRICS_INTERVAL_MS: '1000',
    TILLFLOW_TELEMETRY_METRICS_TEMPORALITY: 'delta',
    TILLFLOW_DELIVERY_BACKOFF_BASE_MS: '50',
    TILLFLOW_TARGETS: JSON.stringify([
      {
        name: 'shop',
        connector: 'webhook',
        allowPrivateNetwork: true,
        settings: {
          url: `${target.url}/hooks/${secretOfTheAddress}?key=${secretOfTheAddress}`,
          secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
        },
      },
    ]),
  })
})

afterAll(async () => {
  await hub?.stop()
  await collector?.close()
  await target?.close()
  await database?.drop()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId)
const named = (spans: readonly ReceivedSpan[], name: string) => {
  const span = spans.find((one) => one.name === name)
  if (!span) throw new Error(`no span ${name} among ${spans.map((one) => one.name).join(', ')}`)
  return span
}
const traceOf = (answer: { headers: Headers }) => parseTraceparent(answer.headers.get('traceparent') ?? '')

describe('the trace of a receipt', () => {
  it('leads from the request over the record and the attempt to the target, under one id that everybody tells', async () => {
    const answer = await hub.post(makeSale(1))
    expect(answer.status).toBe(201)
    const traceId = traceOf(answer)?.traceId ?? ''
    await expect.poll(() => spansOf(traceId).map(({ name }) => name), { timeout: 15_000 }).toHaveLength(5)
    const spans = spansOf(traceId)
    const [post, record, append] = ['POST /v1/transactions', 'record receipt', 'append journal'].map((name) =>
      named(spans, name),
    )
    const [deliver, request] = ['deliver shop', 'POST'].map((name) => named(spans, name))
    expect([post, record, append, deliver, request].map((span) => [span?.kind, span?.parentId])).toEqual([
      ['server', ''],
      ['producer', post?.spanId],
      ['client', record?.spanId],
      ['consumer', record?.spanId],
      ['client', deliver?.spanId],
    ])
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tillflow']))
    expect(post?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/transactions',
      'http.response.status_code': 201,
      'url.path': '/v1/transactions',
      'url.scheme': 'http',
    })
    expect(record?.attributes).toMatchObject({ 'tillflow.store.id': '9', 'tillflow.intake.outcome': 'recorded' })
    expect(deliver?.attributes).toMatchObject({
      'tillflow.delivery.outcome': 'delivered',
      'tillflow.delivery.attempt': 1,
    })
    expect(request?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'http.response.status_code': 204 })

    const [received] = target.of(1)
    expect(received?.headers.traceparent).toBe(`00-${traceId}-${request?.spanId}-01`)
    expect(received?.event.traceparent).toBe(`00-${traceId}-${record?.spanId}-01`)
    const journey = JSON.parse(await hub.tillflow('show', '9/3/1', '--json'))
    expect(journey.trace).toMatchObject({
      traceId,
      steps: [{ step: 'recorded' }, { step: 'delivered', target: 'shop' }],
    })
    expect(await hub.tillflow('show', '9/3/1')).toContain(`trace    ${traceId}`)
  })

  it('goes on in a linked trace of its own when an attempt is repeated', async () => {
    const { traceId = '' } = traceOf(await hub.post(makeSale(slow))) ?? {}
    await expect.poll(() => target.of(slow), { timeout: 15_000 }).toHaveLength(2)
    const retried = () =>
      collector.spans.find(
        ({ name, links }) => name === 'deliver shop' && links.some((link) => link.traceId === traceId),
      )
    await expect.poll(retried, { timeout: 15_000 }).toBeDefined()
    await expect.poll(() => spansOf(traceId), { timeout: 15_000 }).toHaveLength(5)
    const first = named(spansOf(traceId), 'deliver shop')
    expect(first).toMatchObject({ failed: true, attributes: { 'tillflow.delivery.outcome': 'retry' } })
    const record = named(spansOf(traceId), 'record receipt')
    expect(retried()).toMatchObject({
      parentId: '',
      failed: false,
      links: [{ traceId, spanId: record.spanId }],
      attributes: { 'tillflow.delivery.attempt': 2, 'tillflow.delivery.outcome': 'delivered' },
    })
    const secondTrace = retried()?.traceId
    expect(secondTrace).not.toBe(traceId)
    const second = target.of(slow)[1]
    expect(second?.headers.traceparent).toContain(secondTrace)
    // The event is the same in every attempt.
    expect(second?.event).toEqual(target.of(slow)[0]?.event)
    await expect
      .poll(() => spansOf(secondTrace ?? '').find(({ name }) => name === 'POST')?.attributes, { timeout: 15_000 })
      .toMatchObject({ 'http.request.resend_count': 1 })
    const journey = JSON.parse(await hub.tillflow('show', `9/3/${slow}`, '--json'))
    expect(journey.trace.steps).toMatchObject([
      { step: 'recorded' },
      { step: 'attempt', attempt: 1, outcome: 'retry', target: 'shop' },
      { step: 'attempt', attempt: 2, outcome: 'delivered' },
      { step: 'delivered' },
    ])
  })

  it('is the one of the caller, and is not recorded where the caller does not want it', async () => {
    const theirs = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'
    const answer = await hub.post(makeSale(3), { traceparent: `${theirs}-01` })
    expect(traceOf(answer)?.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    await expect.poll(() => spansOf('4bf92f3577b34da6a3ce929d0e0e4736'), { timeout: 15_000 }).toHaveLength(5)
    const post = named(spansOf('4bf92f3577b34da6a3ce929d0e0e4736'), 'POST /v1/transactions')
    expect(post.parentId).toBe('00f067aa0ba902b7')

    const unwanted = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-00'
    expect((await hub.post(makeSale(5), { traceparent: unwanted })).headers.get('traceparent')).toBe(unwanted)
    await expect.poll(() => target.of(5), { timeout: 15_000 }).toHaveLength(1)
    expect(target.of(5)[0]?.headers.traceparent).toBe(unwanted)
    expect(target.of(5)[0]?.event.traceparent).toBe(unwanted)
  })

  it('shows that an event was parked, and its id stands in the log', async () => {
    const { traceId = '' } = traceOf(await hub.post(makeSale(refused))) ?? {}
    const parked = () =>
      collector.spans.find(({ name, links }) => name === 'park shop' && links.some((link) => link.traceId === traceId))
    await expect.poll(parked, { timeout: 15_000 }).toBeDefined()
    expect(parked()).toMatchObject({ failed: true, attributes: { 'tillflow.delivery.parked_reason': 'rejected' } })
    expect(hub.log()).toContain(`"traceId":"${traceId}"`)
  })

  it('has a step for a batch as a whole, and one trace for all of its receipts', async () => {
    const bodies = [6, 7, 8].map((number) => JSON.stringify(makeSale(number))).join('\n')
    const token = JSON.parse(await hub.tillflow('token', 'create', '--name', 'batch', '--stores', '9', '--json'))
      .token as string
    const answer = await fetch(`${hub.address}/v1/transactions/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: bodies,
    })
    const { traceId = '' } = traceOf(answer) ?? {}
    expect((await answer.text()).trim().split('\n')).toHaveLength(3)
    const names = () =>
      spansOf(traceId)
        .map(({ name }) => name)
        .sort()
    await expect.poll(names, { timeout: 15_000 }).toHaveLength(9)
    expect(names().filter((name) => name.startsWith('record'))).toEqual(['record receipts'])
    expect(named(spansOf(traceId), 'record receipts').attributes).toMatchObject({ 'messaging.batch.message_count': 3 })
    expect(names().filter((name) => name === 'deliver shop')).toHaveLength(3)
  })

  it('comes with metrics as differences, and with nothing that is nobody’s business', async () => {
    const counted = () =>
      collector.metrics
        .filter(({ name }) => name === 'tillflow_ingest_requests')
        .flatMap(({ values }) => values)
        .reduce((sum, value) => sum + value, 0)
    // Differences add up to what was sent; cumulative values would add up to more with every report.
    await expect.poll(counted, { timeout: 15_000 }).toBe(8)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(counted()).toBe(8)
    const temporalities = new Set(collector.metrics.flatMap(({ temporality }) => temporality ?? []))
    expect(temporalities).toEqual(new Set(['delta']))
    expect(new Set(collector.headers.map((headers) => headers['api-key']))).toEqual(new Set(['of the collector']))
    const everything = Buffer.concat(collector.bodies).toString('latin1')
    for (const text of [secretOfTheAddress, 'whsec_', 'Bearer', 'CASH', '4711']) expect(everything).not.toContain(text)
  })
})
