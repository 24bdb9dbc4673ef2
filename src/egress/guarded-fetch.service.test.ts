import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../contract/problem.ts'
import type { TransportFailure } from '../contract/transport-failure.ts'
import { createGuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts'

type Route = (response: ServerResponse) => unknown

const opened: { close(): Promise<void> }[] = []
let server: Server
let port: number
let requestsCount = 0
let connectionsCount = 0
let sentEncoding: string | undefined
let sentHost: string | undefined

/** What targets may answer that are broken or hostile. */
const routes: Record<string, Route> = {
  '/fine': (response) => response.end('{"ok":true}'),
  '/redirect': (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  '/endless': async (response) => {
    const block = Buffer.alloc(65_536, 97)
    while (!response.destroyed) if (!response.write(block)) await Promise.race([once(response, 'drain'), sleep(100)])
  },
  '/drip': async (response) => {
    while (!response.destroyed) {
      response.write('a')
      await sleep(20)
    }
  },
  '/silent': () => {},
  '/bomb': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
  '/many-headers': (response) => {
    for (let at = 0; at < 200; at += 1) response.setHeader(`x-${at}`, 'v')
    response.end('x')
  },
  '/large-headers': (response) => response.writeHead(200, { 'x-large': 'v'.repeat(40_000) }).end('x'),
  '/cut': (response) => response.socket?.resetAndDestroy(),
  '/torn': (response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"document":', () => response.socket?.destroy())
  },
}

beforeAll(async () => {
  server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    requestsCount += 1
    sentEncoding = request.headers['accept-encoding']
    sentHost = request.headers.host
    void routes[request.url ?? '']?.(response)
  })
  server.on('connection', () => {
    connectionsCount += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function open(options: Partial<GuardedFetchOptions> = {}) {
  const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 5000, ...options })
  opened.push(guarded)
  return guarded
}

const at = (path: string) => `http://127.0.0.1:${port}${path}`

async function failureOf(call: Promise<unknown>): Promise<TransportFailure | Problem> {
  return call.then(
    () => expect.unreachable(),
    (error: TransportFailure | Problem) => error,
  )
}

describe('the guarded way out', () => {
  it('answers with status, headers and body, and keeps its connections', async () => {
    const guarded = open()
    const before = connectionsCount
    for (let call = 0; call < 20; call += 1) {
      expect(await guarded(at('/fine'), { method: 'POST', body: 'x' })).toMatchObject({
        status: 200,
        body: '{"ok":true}',
      })
    }
    expect(connectionsCount - before).toBeLessThan(3)
    expect(sentEncoding).toBe('identity')
  })

  it('makes no more connections than allowed', async () => {
    const guarded = open({ connectionsMax: 2 })
    const before = connectionsCount
    await Promise.all(Array.from({ length: 20 }, () => guarded(at('/fine'), { method: 'GET' })))
    expect(connectionsCount - before).toBe(2)
  })

  it('does not follow a redirect', async () => {
    const before = requestsCount
    expect((await open()(at('/redirect'), { method: 'GET' })).status).toBe(302)
    expect(requestsCount - before).toBe(1)
  })

  it('reads the beginning of an endless body', async () => {
    const answer = await open()(at('/endless'), { method: 'GET' })
    expect(answer).toMatchObject({ status: 200, truncated: true })
    expect(answer.body).toHaveLength(65_536)
  })

  it.each(['/drip', '/silent'])('gives up on %s when the time is over', async (path) => {
    const failure = await failureOf(open({ timeoutMs: 200 })(at(path), { method: 'POST' }))
    expect(failure).toMatchObject({ phase: 'after-sending', code: 'timeout' })
  })

  it('does not unpack a compressed body', async () => {
    expect(await open()(at('/bomb'), { method: 'GET' })).toMatchObject({ status: 200, body: '' })
  })

  it.each(['/many-headers', '/large-headers'])('refuses %s', async (path) => {
    expect(await failureOf(open()(at(path), { method: 'GET' }))).toMatchObject({ code: 'target-answer-too-large' })
  })

  it.each(['/cut', '/torn'])('knows that the request had left when the connection is %s', async (path) => {
    expect(await failureOf(open()(at(path), { method: 'POST' }))).toMatchObject({ phase: 'after-sending' })
  })

  it('knows that nothing had left when the connection is refused', async () => {
    const closed = createTcpServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port: free } = closed.address() as AddressInfo
    closed.close()
    const failure = await failureOf(open()(`http://127.0.0.1:${free}/`, { method: 'POST' }))
    expect(failure).toMatchObject({ phase: 'before-sending', code: 'ECONNREFUSED' })
  })

  it('knows that nothing had left while the request waited for a connection', async () => {
    const guarded = open({ connectionsMax: 1, timeoutMs: 300 })
    const first = failureOf(guarded(at('/silent'), { method: 'POST' }))
    const second = failureOf(guarded(at('/silent'), { method: 'POST' }))
    expect(await first).toMatchObject({ phase: 'after-sending' })
    expect(await second).toMatchObject({ phase: 'before-sending' })
  })

  it('stops when the caller does', async () => {
    const controller = new AbortController()
    const failing = failureOf(open()(at('/silent'), { method: 'POST', signal: controller.signal }))
    const before = requestsCount
    while (requestsCount === before) await sleep(5)
    controller.abort()
    expect(await failing).toMatchObject({ phase: 'after-sending', code: 'aborted' })
    const late = await failureOf(open()(at('/fine'), { method: 'POST', signal: controller.signal }))
    expect(late).toMatchObject({ phase: 'before-sending', code: 'aborted' })
  })
})

describe('names', () => {
  const hook = 'https://hooks.example.com/in'

  it('that point into the private network at the time of sending get no packet', async () => {
    const before = connectionsCount
    const guarded = open({ allowPrivateNetwork: false, resolve: async () => ['127.0.0.1'] })
    expect(await failureOf(guarded(`https://hooks.example.com:${port}/fine`, { method: 'POST' }))).toMatchObject({
      code: 'target-not-allowed',
    })
    expect(connectionsCount).toBe(before)
  })

  it.each([[['93.184.215.14', '10.0.0.1']], [['::ffff:169.254.169.254']], [['64:ff9b::7f00:1']], [['not an address']]])(
    'that resolve to %j are refused as a whole',
    async (addresses) => {
      const guarded = open({ allowPrivateNetwork: false, resolve: async () => addresses })
      expect(await failureOf(guarded(hook, { method: 'POST' }))).toMatchObject({ code: 'target-not-allowed' })
    },
  )

  it('never lead to the metadata address, also in private networks', async () => {
    const guarded = open({ resolve: async () => ['169.254.169.254'] })
    expect(await failureOf(guarded('http://erp.internal/', { method: 'GET' }))).toMatchObject({
      code: 'target-not-allowed',
    })
  })

  it('are connected to at the address that was checked, and asked for once', async () => {
    let asked = 0
    const resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254'])
    const guarded = open({ resolve })
    const answer = await guarded(`http://erp.invalid:${port}/fine`, { method: 'GET' })
    expect([answer.status, asked]).toEqual([200, 1])
  })

  it('stay the names of the TLS handshake and of the Host header', async () => {
    const hello = Promise.withResolvers<Buffer>()
    const listener = createTcpServer((socket) =>
      socket.once('data', (bytes) => hello.resolve(bytes) ?? socket.destroy()),
    )
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port: tlsPort } = listener.address() as AddressInfo
    const guarded = open({ resolve: async () => ['127.0.0.1'] })
    const failure = await failureOf(guarded(`https://erp.invalid:${tlsPort}/`, { method: 'POST' }))
    expect((await hello.promise).toString('latin1')).toContain('erp.invalid')
    expect(failure).toMatchObject({ phase: 'before-sending' })
    await guarded(`http://erp.invalid:${port}/fine`, { method: 'GET' })
    expect(sentHost).toBe(`erp.invalid:${port}`)
    listener.close()
  })

  it('that do not resolve are a failure before sending', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }))
    const failure = await failureOf(open({ allowPrivateNetwork: false, resolve })(hook, { method: 'POST' }))
    expect(failure).toMatchObject({ phase: 'before-sending', code: 'ENOTFOUND' })
  })

  it('and literals are refused in every call, whatever was saved', async () => {
    const guarded = open({ allowPrivateNetwork: false })
    expect(await failureOf(guarded('https://[::ffff:127.0.0.1]/', { method: 'GET' }))).toMatchObject({
      code: 'target-not-allowed',
    })
  })
})
