import { BusFailure } from '../../contract/bus.ts'

/** The exchange that takes what was given out too often; its queues are one for each queue of a group. */
export const deadLetterExchange = 'tillflow.dead-letters'

const namePattern = /^[A-Za-z0-9._-]{1,100}$/
/** Of exchanges, queues and routing keys in AMQP 0-9-1. The client would cut longer ones off without a word. */
const shortStringMaxBytes = 255

/** The queue that a group reads a topic from. The colon is in neither name, so that no two pairs have the same queue. */
export function queueOf(topic: string, group: string): string {
  return `${checkName('topic', topic)}:${checkName('group', group)}`
}

export function deadLetterQueueOf(queue: string): string {
  return `${queue}:dead-letters`
}

/** Throws a `BusFailure` that is not transient for a name that is none. */
export function checkName(kind: 'topic' | 'group', name: string): string {
  if (namePattern.test(name)) return name
  throw new BusFailure(`The name of a ${kind} has 1 to 100 of the characters A-Z a-z 0-9 . _ -`, { isTransient: false })
}

/** Names of queues that are somebody else's have any characters. */
export function checkForeignQueue(name: string): string {
  if (name !== '' && Buffer.byteLength(name) <= shortStringMaxBytes) return name
  throw new BusFailure(`The name of a queue has 1 to ${shortStringMaxBytes} bytes`, { isTransient: false })
}

/**
 * What bindings match, as words between dots: `berlin-1/3` becomes `berlin-1.3`, so that `berlin-1.*` is one store. It is for choosing
 * only, two keys may become the same: the key itself travels in a header.
 */
export function routingKeyOf(orderingKey: string): string {
  const words = orderingKey.split('/').map((word) => word.replace(/[^\p{L}\p{N}_-]/gu, '-') || '-')
  const key = words.join('.')
  return Buffer.byteLength(key) <= shortStringMaxBytes ? key : cutToBytes(key)
}

function cutToBytes(text: string): string {
  const cut = Buffer.from(text).subarray(0, shortStringMaxBytes).toString()
  // A character that was cut in its middle is read as U+FFFD.
  return cut.replace(/\uFFFD+$/, '')
}
