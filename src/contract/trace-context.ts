import { randomFillSync } from 'node:crypto'

/** W3C Trace Context, level 1: which trace something belongs to, and which step of it came before. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  traceId: string
  /** 16 hexadecimal digits, not all zero: the sender's own step. */
  parentId: string
  sampled: boolean
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * Reads a `traceparent` header; undefined where it is not valid and a new trace must begin (section 3.2.2 of the
 * recommendation). Of a later version the parts of version 00 are read, of version 00 nothing may follow them.
 */
export function parseTraceparent(header: string): TraceContext | undefined {
  const [, version, traceId = '', parentId = '', flags = '', rest] = form.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Begins a trace. */
export function createTrace({ sampled = true }: { sampled?: boolean } = {}): TraceContext {
  return { traceId: randomId(16), parentId: randomId(8), sampled }
}

/** The next step of the same trace. */
export function childOf({ traceId, sampled }: TraceContext): TraceContext {
  return { traceId, parentId: randomId(8), sampled }
}

export function formatTraceparent({ traceId, parentId, sampled }: TraceContext): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`
}

/** The trace of a `traceparent` that was written by `formatTraceparent`, for logs. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** Random bytes in store: every upload needs some, and asking for a few at a time costs as much as asking for many. */
const store = Buffer.alloc(8_192)
let used = store.length

function randomId(lengthBytes: number): string {
  if (used + lengthBytes > store.length) {
    randomFillSync(store)
    used = 0
  }
  const id = store.toString('hex', used, used + lengthBytes)
  used += lengthBytes
  // All zero says "no trace".
  return /^0+$/.test(id) ? randomId(lengthBytes) : id
}
