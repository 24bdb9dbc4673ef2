import { Problem } from '../../contract/problem.ts'
import { isCardNumber, passesLuhn } from './issuers.ts'

/** A piece of each of the words below that few others have, and none of their first letters, which most have: it takes half the time. */
const pieces = anyOf(['cvv', 'cvc', 'av2', 'ypt', 'cid', 'csc', 'curity', 'ipe', 'rif', 'pin[-_]?(?:b|d)', 'rack'])
/** Nearly every receipt ends at these and the syntax of a track. Letters of both cases instead of the flag `i`: a third of the time. */
const words = anyOf([
  'c(?:vv|vc|av2|rypted[-_]?pin|(?:id|sc)\\\\?["\'\\s>=])',
  'security',
  'stripe',
  'verification',
  'pin[-_]?(?:block|data)',
  'track[-_]?(?:[123]|data)',
])
const trackSyntax = /(?:[=Dd]|\\u003[dD])\d{7}|\^\d{2}/

const securityCode = fieldPattern(
  'cvv2?|cvc2?|cav2|card[-_]?(?:cid|csc)|card[-_]?security[-_]?code|card[-_]?verification[-_]?(?:value|code|number|data)',
  '[0-9]{3,4}',
)
/** Names with other meanings too: cash drawer, customer, voucher. They count only beside a card. */
const ambiguousSecurityCode = fieldPattern(
  '(?<![A-Za-z])(?:cid|csc)|security[-_]?code|verification[-_]?value',
  '[0-9]{3,4}',
)
const besideCard = /card(?!inal|igan|board)|\bpan\b|expir/i
const besideReach = 256

const pinBlock = fieldPattern('pin[-_]?block(?:[-_]?data)?|pin[-_]?data|encrypted[-_]?pin', '[0-9A-Za-z+/=]{8,128}')
const trackField = fieldPattern(
  'track[-_]?[123](?:[-_]?equivalent)?(?:[-_]?data)?|track[-_]?data|mag(?:netic)?[-_]?stripe(?:[-_]?data)?',
  '[^"\'<>\\\\]*[0-9]{8}[^"\'<>]*',
)

/** ISO/IEC 7813: format code B, number, name, expiry and service code between circumflexes. */
const track1 = /B\d[\dX* ]{11,22}\^[^^\r\n]{2,26}\^\d{2}(?:0[1-9]|1[0-2])\d{3}/
/** Number, separator, expiry and service code, then whatever the issuer wrote. The number may be masked already. */
const track2 = /(;?)(?<![\dX*])(\d{6}[\dX*]{3,9}\d{4})(?:=|D|\\u003[dD])\d{2}(?:0[1-9]|1[0-2])\d{3}/g

/**
 * Refuses text that carries what must never be kept after authorisation, encrypted or not (PCI DSS 3.3.1): full track data,
 * the card's security code, a PIN block. Whether card numbers are masked already makes no difference.
 *
 * Throws Problem `sensitive-authentication-data`. Found by track syntax, and by JSON members, XML elements and attributes
 * whose names say what they hold. A number without such a name is not found.
 */
export function refuseSensitiveAuthenticationData(text: string): void {
  if (!(pieces.test(text) && words.test(text)) && !trackSyntax.test(text)) return
  const kind = findSensitiveData(text)
  if (kind !== undefined) throw new Problem('sensitive-authentication-data', `The document carries ${kind}.`)
}

function findSensitiveData(text: string): string | undefined {
  if (track1.test(text) || hasTrack2(text) || trackField.test(text)) return 'track data'
  if (securityCode.test(text) || hasSecurityCodeBesideCard(text)) return 'a card security code'
  if (pinBlock.test(text)) return 'a PIN block'
  return undefined
}

function hasTrack2(text: string): boolean {
  for (const [, sentinel, number = ''] of text.matchAll(track2)) {
    if (/[X*]/.test(number) || isCardNumber(number) || (sentinel === ';' && passesLuhn(number))) return true
  }
  return false
}

function hasSecurityCodeBesideCard(text: string): boolean {
  for (const { index, 0: field } of text.matchAll(new RegExp(ambiguousSecurityCode, 'gi'))) {
    const around =
      text.slice(Math.max(0, index - besideReach), index) + text.slice(index + field.length).slice(0, besideReach)
    if (besideCard.test(around)) return true
  }
  return false
}

/** A JSON member, an XML element or an XML attribute whose name ends so, and whose whole value looks so. */
function fieldPattern(name: string, value: string): RegExp {
  return new RegExp(
    [
      `"[\\w.-]{0,64}(?:${name})\\\\?"\\s*:\\s*(?:\\\\?"${value}\\\\?"|${value}(?=\\s*[,}]))`,
      `<[\\w.:-]{0,64}(?:${name})(?:\\s[^<>]*)?>\\s*${value}\\s*<`,
      `\\s[\\w.:-]{0,64}(?:${name})\\s*=\\s*["']${value}["']`,
    ].join('|'),
    'i',
  )
}

/** A pattern whose letters stand for both cases, but for those that are escaped. */
function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|').replace(/(?<!\\)[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`))
}
