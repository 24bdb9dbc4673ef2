import { isUtf8 } from 'node:buffer'
import { lookBackMax } from './field.ts'
import { isJson, maskThoroughly } from './mask-card-numbers.ts'
import { bytesMayHoldCardNumber, mayHoldCardNumber } from './may-hold.ts'

/** Held back at the end of what has come: a number is judged by what follows it too. */
const lookAheadBytes = 512
/** Kept of what was passed on, four bytes for a character: a number is judged by the name before it. */
const lookBackBytes = 4 * lookBackMax
const pieceBytesMin = 16 * 1024
/** A run of digits and spaces longer than this is cut anywhere. No receipt has one. */
const heldBytesMax = 1024 * 1024

/** 1 for ASCII that stands in no spelling of a number: neither digit, separator, part of an escape nor of a longer character. */
const breakers = Uint8Array.from({ length: 256 }, (_, code) =>
  code < 0x80 && !/[0-9 .\-&#;\\uxXa-fA-F]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/**
 * Masks card numbers in UTF-8 bytes as they pass: the same bytes come out as `maskCardNumbers` gives for the whole text,
 * wherever the chunks are cut. Bytes without long numbers are passed on without being decoded; bytes that are not UTF-8
 * are treated as Latin-1, so that they stay as they are. Memory is bounded by the chunks plus about one MiB.
 *
 * `onMasked` is called for every piece that was changed: the copy is no longer verbatim.
 */
export async function* maskCardNumbersInStream(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { onMasked?(): void } = {},
): AsyncGenerator<Uint8Array> {
  let passed: Buffer = Buffer.alloc(0)
  let held: Buffer = Buffer.alloc(0)
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let json: boolean | undefined

  const advance = (isEnd: boolean): Buffer => {
    held = Buffer.concat([held, ...waiting])
    waiting = []
    waitingBytes = 0
    json ??= startsAsJson(held)
    const cut = isEnd ? held.length : safeCut(held)
    const piece = held.subarray(0, cut)
    const masked = maskPiece(passed, piece, held.subarray(cut), json ?? false)
    if (masked !== piece) options.onMasked?.()
    passed = Buffer.concat([passed, piece.subarray(-lookBackBytes)]).subarray(-lookBackBytes)
    held = held.subarray(cut)
    return masked
  }

  for await (const chunk of input) {
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes < pieceBytesMin) continue
    const masked = advance(false)
    if (masked.length > 0) yield masked
  }
  const masked = advance(true)
  if (masked.length > 0) yield masked
}

/** The piece itself when nothing in it was masked. */
function maskPiece(before: Buffer, piece: Buffer, after: Buffer, json: boolean): Buffer {
  if (!bytesMayHoldCardNumber(Buffer.concat([before.subarray(-lookAheadBytes), piece, after]))) return piece
  const encoding = isUtf8(piece) ? 'utf8' : 'latin1'
  const [left, middle, right] = [before.toString(encoding), piece.toString(encoding), after.toString(encoding)]
  const whole = left + middle + right
  // The look at the bytes takes every euro sign for a digit; this one does not.
  if (!mayHoldCardNumber(whole)) return piece
  const { text } = maskThoroughly(whole, json)
  const masked = text.slice(left.length, left.length + middle.length)
  return masked === middle ? piece : Buffer.from(masked, encoding)
}

/** The last place, with enough after it, that no number reaches across. */
function safeCut(bytes: Buffer): number {
  let cut = bytes.length - lookAheadBytes
  for (; cut > 0; cut -= 1) if (breakers[bytes[cut - 1] ?? 0] === 1) return cut
  if (bytes.length <= heldBytesMax) return 0
  cut = bytes.length - lookAheadBytes
  while (((bytes[cut] ?? 0) & 0xc0) === 0x80) cut -= 1
  return cut
}

function startsAsJson(bytes: Buffer): boolean | undefined {
  const start = bytes.subarray(0, 64 * 1024).toString('utf8')
  return /[^\s\ufeff]/.test(start) ? isJson(start) : undefined
}
