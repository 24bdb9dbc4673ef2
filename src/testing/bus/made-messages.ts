import { randomUUID } from 'node:crypto'
import type { BusMessage, ReceivedMessage } from '../../contract/bus.ts'

const numberHeader = 'suite-number'

/** A small CloudEvent with its place in the order of its key. */
export function makeMessage(topic: string, orderingKey: string, number: number, body?: Uint8Array): BusMessage {
  return {
    topic,
    orderingKey,
    headers: { [numberHeader]: String(number), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    cloudEvent: {
      specversion: '1.0',
      id: randomUUID(),
      source: 'urn:tillflow:suite',
      type: 'suite.counted.v1',
      subject: `${orderingKey}#${number}`,
    },
    contentType: 'application/json',
    body: body ?? Buffer.from(JSON.stringify({ orderingKey, number })),
  }
}

/** Messages of several keys, dealt in turn; numbers rise per key, from `from` on. */
export function makeMessages(topic: string, count: number, keysCount: number, from = 0): BusMessage[] {
  return Array.from({ length: count }, (_, index) =>
    makeMessage(topic, `store-${index % keysCount}/1`, from + Math.floor(index / keysCount)),
  )
}

export function idOf(message: BusMessage): string {
  return message.cloudEvent?.id ?? `no id: ${JSON.stringify(message.headers)}`
}

export function idsOf(messages: readonly BusMessage[]): string[] {
  return messages.map(idOf).sort()
}

/** What a consumer that collapses by id makes of messages, which may come more than once. */
export function firstsOf<Message extends BusMessage>(messages: readonly Message[]): Message[] {
  const seen = new Set<string>()
  return messages.filter((message) => !seen.has(idOf(message)) && seen.add(idOf(message)))
}

/** Where messages, collapsed by id, come out of the order of their key. */
export function orderFaultsOf(messages: readonly ReceivedMessage[]): string[] {
  const last = new Map<string, number>()
  const faults: string[] = []
  for (const { orderingKey, headers } of firstsOf(messages)) {
    const number = Number(headers[numberHeader])
    const before = last.get(orderingKey) ?? -1
    if (number <= before) faults.push(`${orderingKey}: ${number} after ${before}`)
    last.set(orderingKey, number)
  }
  return faults
}
