const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket, comma] = [
  0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d, 0x2c,
]

/**
 * The bytes of every object in a list that is a member of the document itself, by the name of the member: an answer with 500
 * orders keeps each order once, not the answer 500 times. The bytes are JSON that was read before, in UTF-8, where no byte of a
 * longer character looks like one of the syntax. `listDepth`: how many objects are open around the lists, 1 in an answer.
 */
export function elementSpans(bytes: Uint8Array, listDepth = 1): Map<string, Uint8Array[]> {
  const spans = new Map<string, Uint8Array[]>()
  let depth = 0
  let start = -1
  let text: Uint8Array = new Uint8Array()
  let name = ''
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = endOfString(bytes, at)
      if (depth === listDepth) text = bytes.subarray(at, end + 1)
      at = end
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1
      if (depth === listDepth + 1 && byte === openBracket) name = JSON.parse(Buffer.from(text).toString()) as string
      else if (depth === listDepth + 1) name = ''
      else if (depth === listDepth + 2 && byte === openBrace && name !== '') start = at
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1
      if (depth !== listDepth + 1 || start < 0) continue
      const found = spans.get(name) ?? []
      found.push(bytes.subarray(start, at + 1))
      spans.set(name, found)
      start = -1
    } else if (byte === comma && depth === listDepth) {
      name = ''
    }
  }
  return spans
}

/** Index of the closing quote. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (bytes[at] === backslash) at += 1
    else if (bytes[at] === quote) return at
  }
  return bytes.length
}
