import { Pool } from 'undici'
import type { GuardedFetch } from '../contract/connector.ts'
import { createCheckedConnector, type ResolveName } from './checked-connector.ts'
import { exchange } from './exchange.ts'
import { readExhaustedForMs } from './rate-limit.ts'
import { checkTargetUrl } from './target-url.ts'

export interface GuardedFetchOptions {
  /** Loopback and private addresses are allowed, and plain http with them. */
  allowPrivateNetwork: boolean
  /** For one call, from the first byte of DNS to the last byte of the answer. */
  timeoutMs: number
  /** Bytes of a body that are read; the rest is not. */
  answerMaxBytes?: number
  /** Connections to one origin. */
  connectionsMax?: number
  resolve?: ResolveName
}

const defaults = { answerMaxBytes: 65_536, connectionsMax: 32 }
const connectTimeoutMaxMs = 10_000
const answerHeadersMaxBytes = 16_384
const answerHeadersMax = 100
/** A target has one origin, two at most (its API and its login); more would be a leak of pools. */
const originsMax = 8

/**
 * The one way out of the hub. Every call: the URL is checked, the name is resolved and every address of it checked, the
 * socket goes to a checked address, redirects are answers like others, headers, body and time are capped. Throws the Problems
 * `target-not-allowed` and `target-answer-too-large`, and `TransportFailure`.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch & { close(): Promise<void> } {
  const { allowPrivateNetwork, timeoutMs, answerMaxBytes = defaults.answerMaxBytes } = options
  const pools = new Map<string, Pool>()
  const limits = { timeoutMs, answerMaxBytes, headersMax: answerHeadersMax }

  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin)
    if (known) return known
    const [oldest] = pools
    if (oldest && pools.size >= originsMax) {
      pools.delete(oldest[0])
      void oldest[1].close()
    }
    const pool = new Pool(origin, {
      connections: options.connectionsMax ?? defaults.connectionsMax,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: answerHeadersMaxBytes,
      // The exchange has its own clock for the whole call.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: createCheckedConnector({
        allowPrivateNetwork,
        connectTimeoutMs: Math.min(timeoutMs, connectTimeoutMaxMs),
        resolve: options.resolve,
      }),
    })
    pools.set(origin, pool)
    return pool
  }

  const guardedFetch: GuardedFetch = async (url, request) => {
    const target = checkTargetUrl(url, { allowPrivateNetwork })
    const answer = await exchange(poolOf(target.origin), target, request, limits)
    const exhaustedForMs = readExhaustedForMs(answer.headers, Date.now())
    return exhaustedForMs > 0 ? { ...answer, exhaustedForMs } : answer
  }
  const close = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()))
    pools.clear()
  }
  return Object.assign(guardedFetch, { close })
}
