import { BusFailure, type Subscription } from '../../contract/bus.ts'
import { keyOf } from './membership.ts'
import type { Lease, Place, StoredMessage } from './queries.ts'

const retryBaseMs = 50
const retryMaxMs = 5_000

/** A partition that a consumer holds: how far it is, and the one call that may be on its way. */
export class HeldPartition {
  readonly key: string
  lease: Lease
  /** Goes to another consumer as soon as its call has ended. */
  isLeaving = false
  /** After a call that was rejected. */
  restUntil = 0
  /** Messages of the call on its way. */
  messagesCount = 0
  /** Of their bodies. */
  bytesCount = 0
  /** What a call has dealt with and is not committed yet. */
  acknowledged: Place | undefined
  #givenTo: Place | undefined
  #failures = 0
  #abort: AbortController | undefined

  constructor(lease: Lease) {
    this.lease = lease
    this.key = keyOf(lease)
  }

  /** No other call may begin: one is on its way, or its end is not committed. */
  get isBusy(): boolean {
    return this.messagesCount > 0 || this.acknowledged !== undefined
  }

  abort(): void {
    this.#abort?.abort()
  }

  /** Gives messages to the subscriber. Resolves when it has ended, with the failure if it rejected. */
  async call(stored: readonly StoredMessage[], { onMessages }: Subscription): Promise<BusFailure | undefined> {
    const { topic, partition } = this.lease
    const last = stored.at(-1)
    if (!last) return undefined
    this.messagesCount = stored.length
    this.bytesCount = stored.reduce((sum, { body }) => sum + body.byteLength, 0)
    this.#abort = new AbortController()
    const messages = stored.map((one) => ({
      topic,
      partition,
      orderingKey: one.orderingKey,
      headers: one.headers,
      ...(one.cloudEvent && { cloudEvent: one.cloudEvent }),
      contentType: one.contentType,
      body: one.body,
      offset: `${one.xid}.${one.position}`,
      redelivered: this.#givenTo !== undefined && !isAfter(one, this.#givenTo),
    }))
    if (!this.#givenTo || isAfter(last, this.#givenTo)) this.#givenTo = { xid: last.xid, position: last.position }
    try {
      await onMessages(messages, { topic, partition }, this.#abort.signal)
      this.acknowledged = { xid: last.xid, position: last.position }
      this.#failures = 0
      return undefined
    } catch (cause) {
      this.restUntil = Date.now() + Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(this.#failures, 10))
      this.#failures += 1
      return new BusFailure('the messages of a call come again, since it rejected', { isTransient: true, cause })
    } finally {
      this.messagesCount = 0
      this.bytesCount = 0
      this.#abort = undefined
    }
  }

  /** What was acknowledged is committed: the next call goes on there. */
  settle(): void {
    this.lease = { ...this.lease, ...this.acknowledged }
    this.acknowledged = undefined
  }
}

function isAfter(one: Place, other: Place): boolean {
  const [xid, otherXid] = [BigInt(one.xid), BigInt(other.xid)]
  return xid > otherXid || (xid === otherXid && BigInt(one.position) > BigInt(other.position))
}
