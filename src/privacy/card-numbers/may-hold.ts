import { mayHoldBase64Digits } from './base64.ts'
import { mayHoldCardHash } from './card-hashes.ts'
import { findInRun } from './find.ts'
import { cardNumberLength } from './issuers.ts'
import { readRun } from './runs.ts'

/** A digit or separator that is not plain ASCII, or an escape that may be one. */
const escapedDigits = '\\\\u(?:00[23aAbB]|0[6-9a-fA-F]|[1aAfF]|2[0-7]|3000|[dD]8)|&#'
const unusualDigits = new RegExp(
  [
    escapedDigits,
    '[\\xa0\\xb2\\xb3\\xb9\\u0660-\\u1fff\\u2000-\\u2015\\u202f\\u2070-\\u2089\\u2212\\u2460-\\u24ff\\u2776-\\u2793\\u3000]',
    '[\\ua620-\\uabff\\ud801-\\ud83a\\uff0d-\\uff19]',
    '\\ud83e[\\udff0-\\udff9]',
  ].join('|'),
)

/**
 * Whether the text is worth a thorough look: a receipt without a card number costs some microseconds here. Most have long numbers, those of
 * goods; each is judged where it stands.
 */
export function mayHoldCardNumber(text: string): boolean {
  return (
    hasManyDigits(text, holdsNumber) || unusualDigits.test(text) || mayHoldBase64Digits(text) || mayHoldCardHash(text)
  )
}

/** The same for UTF-8 bytes that were read as Latin-1: the first bytes of the characters above stand for all of them. */
const unusualBytes = new RegExp(`${escapedDigits}|[\\xc2\\xd9-\\xf4]`)

/** As `mayHoldCardNumber`, without decoding: half a gigabyte of receipts is looked through in about a second. */
export function bytesMayHoldCardNumber(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  return (
    hasManyDigits(text, () => true) || unusualBytes.test(text) || mayHoldBase64Digits(text) || mayHoldCardHash(text)
  )
}

const escapeLength = 6

type Stretch = (text: string, start: number, end: number) => boolean

/** Of plain digits and separators. */
const holdsNumber: Stretch = (text, start, end) => {
  // The hexadecimal digits of an escaped letter may be before it: the thorough look knows which are whose.
  if (text.slice(Math.max(0, start - escapeLength), start).includes('\\')) return true
  // Most are numbers of goods, padded with zeros; no card number begins with one.
  let first = start
  while (text.charCodeAt(first) === 0x30) first += 1
  if (end - first < cardNumberLength.min) return false
  for (let at = start; at < end; at += 1) {
    const run = readRun(text, at)
    if (run === undefined) continue
    if (findInRun(text, run.groups).length > 0) return true
    at = run.end - 1
  }
  return false
}

/**
 * Looks at every fourteenth character only: no card number fits between two that are neither digit nor separator. What has enough digits is
 * judged by `holds`.
 */
function hasManyDigits(text: string, holds: Stretch): boolean {
  const step = cardNumberLength.min
  let seen = 0
  for (let at = step - 1; at < text.length; at += step) {
    if (!isInRun(text.charCodeAt(at))) continue
    let digitCount = 0
    let end = at
    let start = at
    for (; start > seen && isInRun(text.charCodeAt(start - 1)); start -= 1) {
      if (text.charCodeAt(start - 1) >= 0x30) digitCount += 1
    }
    for (; end < text.length && isInRun(text.charCodeAt(end)); end += 1) {
      if (text.charCodeAt(end) >= 0x30) digitCount += 1
    }
    if (digitCount >= cardNumberLength.min && holds(text, start, end)) return true
    seen = end
    at = end
  }
  return false
}

/** Where a run of plain digits and separators ends that is too short for a card number; `undefined` where it may be one. */
export function endOfShortRun(text: string, start: number): number | undefined {
  let digitCount = 0
  let end = start
  for (; end < text.length && isInRun(text.charCodeAt(end)); end += 1) {
    if (text.charCodeAt(end) >= 0x30) digitCount += 1
  }
  const next = text.charCodeAt(end)
  const goesOn = next === 0x5c || next === 0x26 || next >= 0x80
  return digitCount >= cardNumberLength.min || goesOn ? undefined : end
}

/** Digit, space, hyphen or dot. */
function isInRun(code: number): boolean {
  return code <= 0x39 && (code >= 0x30 || code === 0x20 || code === 0x2d || code === 0x2e)
}
