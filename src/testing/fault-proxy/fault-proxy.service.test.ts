import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Fault } from './fault.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { type HttpFaultProxy, startHttpFaultProxy } from './http-fault-proxy.ts'
import { cut } from './modes/cut.ts'
import { drip } from './modes/drip.ts'
import { halfOpen } from './modes/half-open.ts'
import { latency } from './modes/latency.ts'
import { loseAnswer } from './modes/lose-answer.ts'
import { refuse, reset } from './modes/reset.ts'
import { sometimes } from './modes/sometimes.ts'
import { truncate } from './modes/truncate.ts'

const closers: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server that answers every piece with the same piece, in capitals, and counts what it got. */
async function startScene(fault?: Fault, seed = 1): Promise<{ proxy: FaultProxy; got: string[]; server: Server }> {
  const got: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      got.push(bytes.toString())
      socket.write(bytes.toString().toUpperCase())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy = await startFaultProxy({ to: { host: '127.0.0.1', port }, seed, ...(fault && { fault }) })
  closers.push(
    () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
    () => proxy.stop(),
  )
  return { proxy, got, server }
}

interface Caller {
  socket: Socket
  /** All that came. */
  heard(): string
  /** `end` (FIN), an error code, or undefined while it is open. */
  ended(): string | undefined
}

async function call(proxy: FaultProxy, text?: string): Promise<Caller> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true })
  let heard = ''
  let ended: string | undefined
  socket.on('data', (bytes) => {
    heard += bytes
  })
  socket.on('end', () => {
    ended ??= 'end'
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ended ??= error.code
  })
  closers.push(() => socket.destroy())
  await once(socket, 'connect')
  if (text !== undefined) socket.write(text)
  return { socket, heard: () => heard, ended: () => ended }
}

const soon = { timeout: 3_000, interval: 5 }

describe('the fault proxy', () => {
  it('hands everything on in both directions and ends both sides together', async () => {
    const { proxy, got } = await startScene()
    const caller = await call(proxy, 'hello')
    await expect.poll(caller.heard, soon).toBe('HELLO')
    expect(proxy.linesCount).toBe(1)
    caller.socket.end()
    await expect.poll(() => proxy.linesCount, soon).toBe(0)
    expect(got).toEqual(['hello'])
  })

  it('carries a long text whole, however slow the reader', async () => {
    const { proxy } = await startScene()
    const text = 'abcdefghij'.repeat(100_000)
    const caller = await call(proxy, text)
    caller.socket.pause()
    await sleep(50)
    caller.socket.resume()
    await expect.poll(() => caller.heard().length, soon).toBe(text.length)
    expect(caller.heard()).toBe(text.toUpperCase())
  })

  it('changes the fault on open lines', async () => {
    const { proxy } = await startScene()
    const caller = await call(proxy, 'a')
    await expect.poll(caller.heard, soon).toBe('A')
    proxy.use(cut({ fromMs: 0, toMs: 0 }))
    await expect.poll(caller.ended, soon).toBe('end')
  })

  it('latency: late, and in order', async () => {
    const { proxy } = await startScene(latency({ fromMs: 60, toMs: 90 }))
    const startedAt = performance.now()
    const caller = await call(proxy, '1')
    await sleep(5)
    caller.socket.write('2')
    await expect.poll(caller.heard, soon).toBe('12')
    expect(performance.now() - startedAt).toBeGreaterThan(120)
  })

  it('cut: an orderly end', async () => {
    const { proxy } = await startScene(cut({ fromMs: 20, toMs: 40 }))
    await expect.poll((await call(proxy)).ended, soon).toBe('end')
  })

  it('reset: a disorderly end', async () => {
    const { proxy } = await startScene(reset({ fromMs: 20, toMs: 40 }))
    await expect.poll((await call(proxy)).ended, soon).toBe('ECONNRESET')
  })

  it('refuse: not a byte reaches the other side', async () => {
    const { proxy, got } = await startScene(refuse)
    const caller = await call(proxy, 'hello').catch((error: NodeJS.ErrnoException) => error)
    if ('ended' in caller) await expect.poll(caller.ended, soon).toBeDefined()
    expect(got).toEqual([])
  })

  it('half-open: silence, and nobody is told', async () => {
    const { proxy, got } = await startScene(halfOpen({ fromMs: 0, toMs: 0 }))
    const caller = await call(proxy)
    await sleep(20)
    caller.socket.write('hello')
    await sleep(100)
    expect([caller.heard(), caller.ended(), got, proxy.linesCount]).toEqual(['', undefined, [], 1])
  })

  it('truncate: exactly so many bytes', async () => {
    const { proxy } = await startScene(truncate({ direction: 'to-client', afterBytes: 4 }))
    const caller = await call(proxy, 'hello')
    await expect.poll(caller.ended, soon).toBe('end')
    expect(caller.heard()).toBe('HELL')
  })

  it('drip: a few bytes at a time', async () => {
    const { proxy } = await startScene(drip({ direction: 'to-client', bytesEach: 2, everyMs: 40 }))
    const caller = await call(proxy, 'abcdef')
    await expect.poll(caller.heard, soon).toBe('AB')
    await expect.poll(caller.heard, soon).toBe('ABCDEF')
  })

  it('answer lost: the other side has taken it, and the caller hears nothing', async () => {
    let lost = 0
    const onLost = () => {
      lost += 1
    }
    const { proxy, got } = await startScene(loseAnswer({ share: 1, onLost }))
    const caller = await call(proxy, 'hello')
    await expect.poll(caller.ended, soon).toBe('ECONNRESET')
    expect([caller.heard(), got, lost]).toEqual(['', ['hello'], 1])
  })

  it('does the same with the same seed, and something else with another', async () => {
    const play = async (seed: number) => {
      const { proxy } = await startScene(sometimes(0.5, refuse), seed)
      const fates: boolean[] = []
      for (let line = 0; line < 12; line += 1) {
        const caller = await call(proxy, 'x').catch(() => undefined)
        if (caller) await expect.poll(() => caller.heard() !== '' || caller.ended() !== undefined, soon).toBe(true)
        fates.push(caller?.heard() === 'X')
      }
      return fates
    }
    const first = await play(3)
    expect(await play(3)).toEqual(first)
    expect(await play(4)).not.toEqual(first)
    expect(new Set(first).size).toBe(2)
  })
})

describe('the fault proxy before an HTTP server', () => {
  const startHttpScene = async (): Promise<{ proxy: HttpFaultProxy; bodies: string[] }> => {
    const bodies: string[] = []
    const server = createHttpServer((request, response) => {
      let body = ''
      request.on('data', (bytes) => {
        body += bytes
      })
      request.on('end', () => {
        bodies.push(body)
        response.end(`got ${body.length}`)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = await startHttpFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    closers.push(
      () => {
        server.closeAllConnections()
        server.close()
      },
      () => proxy.stop(),
    )
    return { proxy, bodies }
  }
  const post = async (url: string, body: string) => {
    const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(500) })
    return `${answer.status} ${await answer.text()}`
  }

  it('decides by what a request says, also over one kept connection', async () => {
    const { proxy, bodies } = await startHttpScene()
    proxy.decide = (body) => {
      if (body.includes('lose')) return 'lose-answer'
      if (body.includes('refuse')) return 'refuse'
      if (body.includes('hang')) return 'hang'
      if (body.includes('late')) return { delayMs: 120 }
      return body.includes('error') ? 'error-500' : 'pass'
    }
    const long = 'x'.repeat(300_000)
    expect(await post(proxy.url, long)).toBe(`200 got ${long.length}`)
    expect(await post(proxy.url, 'error')).toContain('500 <html>')
    await expect(post(proxy.url, 'lose')).rejects.toThrow()
    await expect(post(proxy.url, 'refuse')).rejects.toThrow()
    await expect(post(proxy.url, 'hang')).rejects.toThrow('timeout')
    const startedAt = performance.now()
    expect(await post(proxy.url, 'late')).toBe('200 got 4')
    expect(performance.now() - startedAt).toBeGreaterThan(110)
    expect(bodies.map((body) => body.slice(0, 4))).toEqual(['xxxx', 'lose', 'late'])
    expect(proxy.requestsCount).toBe(3)
  })
})
