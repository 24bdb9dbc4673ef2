import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../test/bad-input/hub.ts'
import { startTestServer } from '../testing/database/test-server.ts'
import { makeSale } from '../testing/receipts.ts'

let postgres: Awaited<ReturnType<typeof startTestServer>>
let database: Awaited<ReturnType<typeof postgres.createDatabase>>
let hub: TestHub
let port: number

beforeAll(async () => {
  postgres = await startTestServer()
  database = await postgres.createDatabase({ migrated: true })
  hub = await startTestHub(database.pool)
  await hub.server.listen({ host: '127.0.0.1', port: 0 })
  const address = hub.server.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  await hub.close()
  await database.drop()
  await postgres.stop()
})

/** Writes bytes as they are and returns what came back until the server closed or a moment has passed. */
function exchange(pieces: readonly string[], waitMs = 2_500): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    let received = ''
    const done = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(received)
    }
    const timer = setTimeout(done, waitMs)
    socket.setEncoding('utf8')
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece)
    })
    socket.on('data', (chunk: string) => {
      received += chunk
    })
    socket.on('close', done)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
  })
}

const head = (lines: readonly string[]) =>
  `${['POST /v1/transactions HTTP/1.1', 'host: x', `authorization: Bearer ${hub.token}`, ...lines].join('\r\n')}\r\n\r\n`
const json = 'content-type: application/json'
const recorded = async () => Number((await database.pool.query('select count(*) from transactions')).rows[0].count)

describe('what comes over the wire', () => {
  it('3: a body that does not come in time is given up', async () => {
    const answer = await exchange([head([json, 'content-length: 500']), '{'])
    expect(answer).toMatch(/^HTTP\/1\.1 408/)
    expect(answer).toContain('request-timeout')
  })
  it('74: a length and chunks at once are refused', async () => {
    const answer = await exchange([head([json, 'content-length: 4', 'transfer-encoding: chunked']), '0\r\n\r\n'])
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
  })
  it('74: two lengths are refused', async () => {
    const answer = await exchange([head([json, 'content-length: 4', 'content-length: 5']), '{}\r\n'])
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
    expect(answer).toContain('application/problem+json')
  })
  it.each([
    ['a coding that is none', [json, 'transfer-encoding: xchunked'], '0\r\n\r\n'],
    ['chunks before another coding', [json, 'transfer-encoding: chunked, identity'], '0\r\n\r\n'],
    ['a blank before the colon', [json, 'content-length : 2'], '{}'],
    ['a header over two lines', [json, 'x-folded: one', ' two', 'content-length: 2'], '{}'],
    ['a line that ends without a carriage return', [json, 'x-bare: one\ncontent-length: 2'], '{}'],
    ['a length with a sign', [json, 'content-length: +2'], '{}'],
  ])('74: %s is refused, and the connection ends', async (_name, lines, body) => {
    const before = await recorded()
    const second = head([json, 'content-length: 0'])
    const answer = await exchange([head(lines) + body + second])
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toContain('request-malformed')
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(await recorded()).toBe(before)
  })
  it('75: two names of the hub are refused', async () => {
    const answer = await exchange([`${head([json, 'host: y', 'connection: close', 'content-length: 2'])}{}`])
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
  })
  // A client that knows addresses would put these right before they are sent.
  it.each(['/v1/../v1/openapi.json', '/v1/%2e%2e/v1/openapi.json', '/v1\\openapi.json', 'v1/openapi.json', '*'])(
    '78: %s is not put right',
    async (address) => {
      const answer = await exchange([`GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`])
      expect(answer).toMatch(/^HTTP\/1\.1 40[04]/)
    },
  )
  it('75: an address that names another hub is refused', async () => {
    const answer = await exchange(['GET http://elsewhere/livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'])
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
  })
  it('76: headers without end are refused', async () => {
    const answer = await exchange([head([json, `x-long: ${'x'.repeat(40_000)}`])])
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
    expect(answer).toContain('headers-too-large')
    expect(answer).toContain("content-security-policy: default-src 'none'")
  })
  it('bytes that are no HTTP get a problem and the end', async () => {
    expect(await exchange(['\u0016\u0003\u0001 hello\r\n\r\n'])).toContain('request-malformed')
  })
  it('a client that goes away in the middle of a body leaves nothing behind, and the hub goes on', async () => {
    const before = await recorded()
    const body = JSON.stringify(makeSale(1))
    const socket = connect({ host: '127.0.0.1', port })
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.write(head([json, `content-length: ${body.length}`]) + body.slice(0, 100))
    socket.destroy()
    const answer = await exchange([head([json, 'connection: close', `content-length: ${body.length}`]), body])
    expect(answer).toMatch(/^HTTP\/1\.1 201/)
    expect(await recorded()).toBe(before + 1)
  })
  it('requests in one breath are answered in their order', async () => {
    const bodies = [2, 3].map((number) => JSON.stringify(makeSale(number)))
    const requests = bodies.map(
      (body, index) =>
        head([json, ...(index === 1 ? ['connection: close'] : []), `content-length: ${body.length}`]) + body,
    )
    const answer = await exchange([requests.join('')])
    expect(answer.match(/HTTP\/1\.1 201/g)).toHaveLength(2)
    expect(answer.indexOf('/-/2')).toBeLessThan(answer.indexOf('/-/3'))
  })
})
