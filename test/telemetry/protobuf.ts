/** A message of Protocol Buffers as it stands on the wire: its fields by number, in their order. */
export type Message = Map<number, Field[]>
export type Field = number | bigint | Buffer

/** Reads one message, strictly: https://protobuf.dev/programming-guides/encoding/. */
export function readMessage(bytes: Buffer): Message {
  const fields: Message = new Map()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('a number that does not end')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('a field that is longer than its message')
    at += length
    return bytes.subarray(at - length, at)
  }
  const value = (wireType: number): Field => {
    if (wireType === 0) return varint()
    if (wireType === 1) return take(8)
    if (wireType === 2) return take(Number(varint()))
    if (wireType === 5) return take(4)
    throw new Error(`not a wire type: ${wireType}`)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value(tag & 7)])
  }
  return fields
}

export function messagesOf(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((one) => readMessage(bytesOf(one)))
}

export function textOf(message: Message, field: number): string {
  return bytesOf(message.get(field)?.[0] ?? Buffer.alloc(0)).toString('utf8')
}

export function hexOf(message: Message, field: number): string {
  return bytesOf(message.get(field)?.[0] ?? Buffer.alloc(0)).toString('hex')
}

export function numberOf(message: Message, field: number): number {
  return Number(message.get(field)?.[0] ?? 0)
}

function bytesOf(field: Field): Buffer {
  if (!Buffer.isBuffer(field)) throw new Error('a number where bytes belong')
  return field
}
