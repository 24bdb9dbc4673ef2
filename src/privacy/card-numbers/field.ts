/** No name, array or tag is looked for farther away than this; the stream keeps as much of what it has passed on. */
export const lookBackMax = 512

const jsonMember = /"([^"\\:{}<>]{1,64})\\?"\s*:\s*(?:\\?")?$/
const jsonArray = /"([^"\\:{}<>]{1,64})\\?"\s*:\s*\[[^[\]{}:]*$/
const xmlElement = /<([\w.:-]{1,64})(?:\s[^<>]*)?>\s*$/
const xmlAttribute = /\s([\w.:-]{1,64})\s*=\s*["']$/

/**
 * The name of the JSON member, XML element or XML attribute whose whole value is text[start, end): in lower case, without
 * namespace prefix, hyphens and underscores. `undefined` where the number is only a part of a text.
 */
export function fieldOf(text: string, start: number, end: number): string | undefined {
  if (!/^(?:\\?["'<]|\s*[,\]}<]|\s*$)/.test(text.slice(end, end + 16))) return undefined
  const before = text.slice(Math.max(0, start - lookBackMax), start)
  const match =
    jsonMember.exec(before) ?? xmlElement.exec(before) ?? xmlAttribute.exec(before) ?? jsonArray.exec(before)
  return match?.[1]
    ?.replace(/^.*:/, '')
    .replace(/[-_. ]/g, '')
    .toLowerCase()
}

/** Whether text[start, end) is a number of a JSON document, outside quotes, so that only digits may stand there. */
export function isBareJsonNumber(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 32), start)
  return (
    /(?:"\s*:|[[\]}"\dels]\s*,|\[)\s*-?$/.test(before) &&
    /^(?:\.\d+|[eE][-+]?\d+)?[ \t]*(?:[,\]}\r\n]|$)/.test(text.slice(end, end + 32))
  )
}
