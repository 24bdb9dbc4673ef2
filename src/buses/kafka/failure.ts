import { BusFailure } from '../../contract/bus.ts'

/** What the protocol calls final for a request, and passes by itself all the same. */
const passing = new Set([
  'UNKNOWN_SERVER_ERROR',
  'BROKER_NOT_AVAILABLE',
  'STALE_CONTROLLER_EPOCH',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
  'STALE_BROKER_EPOCH',
  'OFFSET_OUT_OF_RANGE',
])

/** Of Node's TLS: the other side is not who the settings say, now and later. */
const untrusted = /^(CERT_|ERR_TLS_CERT|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY))/

interface KafkaError extends Error {
  code?: string
  apiId?: string
  canRetry?: boolean
}

/** Turns whatever the client threw into our failure: what we were doing, Kafka's own word for what was wrong, and whether it passes. */
export function toBusFailure(error: unknown, doing: string): BusFailure {
  if (error instanceof BusFailure) return error
  const all = collectErrors(error)
  const final = all.find(isFinal)
  const { apiId, message } = final ?? all.find((one) => one.apiId !== undefined) ?? all.at(-1) ?? {}
  const reason = apiId === undefined ? message : `${message} (${apiId})`
  return new BusFailure(`Kafka: ${doing}: ${reason ?? String(error)}`, {
    isTransient: final === undefined,
    cause: error,
  })
}

/** Whether one of the errors in it has this name in the protocol. */
export function hasProtocolError(error: unknown, apiId: string): boolean {
  return collectErrors(error).some((one) => one.apiId === apiId)
}

function isFinal(error: KafkaError): boolean {
  if (error.code === 'PLT_KFK_AUTHENTICATION' || error.code === 'PLT_KFK_USER') return true
  if (error.code === 'PLT_KFK_UNSUPPORTED_COMPRESSION') return true
  if (error.code !== undefined && untrusted.test(error.code)) return true
  return error.apiId !== undefined && error.canRetry === false && !passing.has(error.apiId)
}

const depthMax = 8

/** An error with everything that it wraps, the outermost first. */
export function collectErrors(error: unknown, depth = 0): KafkaError[] {
  if (!(error instanceof Error) || depth > depthMax) return []
  const inner = error instanceof AggregateError ? error.errors : []
  return [error, ...[error.cause, ...inner].flatMap((one) => collectErrors(one, depth + 1))]
}
