import { keyedBytes } from './permute.ts'

const mail = /^[^\s@<>"']+@[^\s@<>"']+$/
const url = /^[a-z][a-z0-9+.-]*:\/\/\S*$/i
/** A GraphQL identifier names a kind of object, and the object: only the second is a secret. */
const globalId = /^(gid:\/\/shopify\/\w+\/)(\d+)(\?\S*)?$/
const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/
const ipv6 = /^(?=.*:.*:)[0-9a-f:]{2,39}(%\w+)?$/i
const date = /^\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/**
 * What a machine would use to reach somebody is replaced by what the standards set aside for documentation, so that no test run ever
 * writes to a stranger: example.com (RFC 2606), 192.0.2.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849). A date in a field that nobody
 * knows may be a birthday and becomes one that is nobody's. undefined for everything else.
 */
export function contactPseudonym(
  original: string,
  ofWord: (word: string) => string,
  key: Uint8Array,
): string | undefined {
  const global = globalId.exec(original)
  if (global) return `${global[1]}${ofWord(global[2] ?? '')}`
  if (mail.test(original)) return `${ofWord(original.slice(0, original.lastIndexOf('@')))}@example.com`
  if (url.test(original)) return urlPseudonym(original, ofWord, key)
  if (ipv4.test(original)) return `192.0.2.${keyedBytes(key, original, 1)[0]}`
  if (ipv6.test(original) && original.length > 4) return `2001:db8::${keyedBytes(key, original, 2).toString('hex')}`
  if (date.test(original)) return fixedDate(original)
  return undefined
}

/** A path of the same form after a mark that tells two addresses apart; cut, so that the whole does not become longer than it was. */
function urlPseudonym(original: string, ofWord: (word: string) => string, key: Uint8Array): string {
  const start = `https://example.com/${keyedBytes(key, `url\0${original}`, 4).toString('hex')}`
  const path = original.replace(/^[^:]*:\/\/[^/]*/, '')
  return start + ofWord(path).slice(0, Math.max(0, original.length - start.length))
}

function fixedDate(original: string): string {
  const [, separator, seconds, , zone] = date.exec(original) ?? []
  if (separator === undefined) return '1970-01-01'
  return `1970-01-01${separator}00:00${seconds === undefined ? '' : ':00'}${zone ?? ''}`
}

/** No country's code begins with a zero: the number cannot be called. */
export function phonePseudonym(original: string, ofWord: (word: string) => string): string {
  let zerosLeft = 3
  return ofWord(original).replace(/\d/g, (digit) => {
    zerosLeft -= 1
    return zerosLeft >= 0 ? '0' : digit
  })
}
