import type { Channel } from 'rabbitmq-client'
import { untouchedEncoding } from './message.ts'

interface HeaderFrame {
  fields: { contentEncoding?: string | undefined }
}

/** What is inside a channel of rabbitmq-client 5.0.8. */
interface ChannelInside {
  _onHeader?: (frame: HeaderFrame) => void
  _conn?: { _state?: { frameMax?: number } }
  _state?: { maxFrameSize?: number }
}

/**
 * rabbitmq-client parses bodies of `application/json` and decodes those of `text/plain`, unless they have a content encoding:
 * `1.10` would come out as the number 1.1, and bytes that are no UTF-8 as other bytes. It has no option against that. And it counts
 * the frames of a body by the size that it asked for, not by the one that the broker agreed to. Both are put right here, where
 * another version of the client without these parts is noticed at once.
 */
export function keepBodiesAsBytes(channel: Channel): void {
  const inside = channel as unknown as ChannelInside
  const readHeader = inside._onHeader
  const agreedFrameBytes = inside._conn?._state?.frameMax
  if (readHeader === undefined || agreedFrameBytes === undefined || inside._state?.maxFrameSize === undefined) {
    throw new Error('This version of rabbitmq-client is another one than the bus was written for')
  }
  inside._state.maxFrameSize = agreedFrameBytes
  inside._onHeader = (frame) => {
    frame.fields.contentEncoding ||= untouchedEncoding
    readHeader.call(channel, frame)
  }
}
