import { startFaultProxy } from './fault-proxy.ts'
import { type Fate, httpExchanges } from './modes/http-exchanges.ts'

export interface HttpFaultProxy {
  url: string
  /** Requests that reached the other side. */
  requestsCount: number
  /** Decides about each request by its body; from now on. */
  decide: (body: string) => Fate
  stop(): Promise<void>
}

/** Stands between the hub and a real system: answers get lost, come late, or are a gateway's error page. */
export async function startHttpFaultProxy(target: string): Promise<HttpFaultProxy> {
  const { hostname, port } = new URL(target)
  const fault = httpExchanges(
    (body) => proxy.decide(body),
    () => {
      proxy.requestsCount += 1
    },
  )
  const lines = await startFaultProxy({ to: { host: hostname, port: Number(port) }, seed: 1, fault })
  const proxy: HttpFaultProxy = {
    url: `http://127.0.0.1:${lines.port}`,
    requestsCount: 0,
    decide: () => 'pass',
    stop: () => lines.stop(),
  }
  return proxy
}
