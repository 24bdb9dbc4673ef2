import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { hexOf, type Message, messagesOf, numberOf, readMessage, textOf } from './protobuf.ts'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  /** Empty: the root of its trace. */
  parentId: string
  name: string
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  links: { traceId: string; spanId: string }[]
  attributes: Record<string, string | number | boolean>
  failed: boolean
  service: string
}

export interface ReceivedMetric {
  name: string
  /** Of sums and histograms. */
  temporality: 'delta' | 'cumulative' | undefined
  /** Of sums with whole numbers. */
  values: number[]
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** A collector that takes OTLP over HTTP in protobuf and keeps what it got (opentelemetry-proto 1.x, by field number). */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = []
  const metrics: ReceivedMetric[] = []
  const bodies: Buffer[] = []
  const headers: Record<string, unknown>[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    const received = await buffer(request)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(received) : received
    bodies.push(body)
    headers.push(request.headers)
    const right = request.headers['content-type'] === 'application/x-protobuf'
    if (right && request.url === '/v1/traces') spans.push(...readSpans(readMessage(body)))
    else if (right && request.url === '/v1/metrics') metrics.push(...readMetrics(readMessage(body)))
    else response.statusCode = 404
    response.setHeader('content-type', 'application/x-protobuf').end()
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    bodies,
    headers,
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function readSpans(request: Message): ReceivedSpan[] {
  return messagesOf(request, 1).flatMap((resourceSpans) => {
    const [resource = new Map()] = messagesOf(resourceSpans, 1)
    const service = String(readAttributes(resource, 1)['service.name'])
    return messagesOf(resourceSpans, 2)
      .flatMap((scopeSpans) => messagesOf(scopeSpans, 2))
      .map((span) => readSpan(span, service))
  })
}

function readSpan(span: Message, service: string): ReceivedSpan {
  const [status = new Map()] = messagesOf(span, 15)
  return {
    traceId: hexOf(span, 1),
    spanId: hexOf(span, 2),
    parentId: hexOf(span, 4),
    name: textOf(span, 5),
    kind: kinds[numberOf(span, 6)] ?? 'internal',
    attributes: readAttributes(span, 9),
    links: messagesOf(span, 13).map((link) => ({ traceId: hexOf(link, 1), spanId: hexOf(link, 2) })),
    failed: numberOf(status, 3) === 2,
    service,
  }
}

function readMetrics(request: Message): ReceivedMetric[] {
  const metrics = messagesOf(request, 1)
    .flatMap((resourceMetrics) => messagesOf(resourceMetrics, 2))
    .flatMap((scopeMetrics) => messagesOf(scopeMetrics, 2))
  return metrics.map((metric) => {
    const [sum] = messagesOf(metric, 7)
    const [histogram] = messagesOf(metric, 9)
    const aggregated = sum ?? histogram
    return {
      name: textOf(metric, 1),
      temporality: aggregated && (numberOf(aggregated, 2) === 1 ? 'delta' : 'cumulative'),
      values: sum ? messagesOf(sum, 1).map(wholeNumber) : [],
    }
  })
}

/** `as_int` is a fixed 64-bit number, `as_double` a double. */
function wholeNumber(point: Message): number {
  const integer = point.get(6)?.[0]
  if (Buffer.isBuffer(integer)) return Number(integer.readBigInt64LE())
  const double = point.get(4)?.[0]
  return Buffer.isBuffer(double) ? double.readDoubleLE() : Number.NaN
}

function readAttributes(message: Message, field: number): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    messagesOf(message, field).map((pair) => {
      const [value = new Map()] = messagesOf(pair, 2)
      return [textOf(pair, 1), readValue(value)]
    }),
  )
}

function readValue(value: Message): string | number | boolean {
  if (value.has(1)) return textOf(value, 1)
  if (value.has(2)) return numberOf(value, 2) === 1
  if (value.has(3)) return numberOf(value, 3)
  const double = value.get(4)?.[0]
  return Buffer.isBuffer(double) ? double.readDoubleLE() : ''
}
