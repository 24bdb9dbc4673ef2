import { isExempt } from './exempt.ts'
import { fieldOf } from './field.ts'
import { insideIban } from './iban.ts'
import { cardNumberLength, isCardNumber } from './issuers.ts'
import type { DigitGroup } from './runs.ts'

/** Where a card number stands in the text, without the zeros it was padded with. */
export interface FoundNumber {
  start: number
  end: number
}

/** Letters that may touch a number (`PAN4111...`); in a longer word it is a piece of a hash or signature. */
const touchingLettersMax = 8

/** The card numbers of one run, from left to right. A number is made of whole groups with one kind of separator. */
export function findInRun(text: string, groups: readonly DigitGroup[]): FoundNumber[] {
  const found: FoundNumber[] = []
  let first = 0
  while (first < groups.length) {
    const last = lastGroupOfNumber(text, groups, first)
    const from = groups[first]
    const to = groups[last ?? first]
    if (last !== undefined && from !== undefined && to !== undefined) {
      found.push({ start: last === first ? startWithoutZeros(text, from) : from.start, end: to.end })
    }
    first = (last ?? first) + 1
  }
  return found
}

function lastGroupOfNumber(text: string, groups: readonly DigitGroup[], first: number): number | undefined {
  const from = groups[first]
  if (from === undefined) return undefined
  if (isUnbrokenNumber(text, groups, first)) return first
  if (from.digits.length < 3) return undefined
  const separator = groups[first + 1]?.separator
  let digits = from.digits
  let longest: number | undefined
  for (let last = first + 1; last < groups.length; last += 1) {
    const group = groups[last]
    if (group === undefined || group.separator !== separator) break
    digits += group.digits
    if (digits.length > cardNumberLength.max) break
    // One dot makes a decimal number, not a card number.
    const isSpelled = separator !== 0x2e || last - first >= 2
    if (
      isSpelled &&
      isCardNumber(digits) &&
      standsAlone(text, from.start, group.end) &&
      !insideIban(text, from.start)
    ) {
      longest = last
    }
    // A short group can only be the last one.
    if (group.digits.length < 3) break
  }
  return longest
}

function isUnbrokenNumber(text: string, groups: readonly DigitGroup[], at: number): boolean {
  const group = groups[at]
  if (group === undefined || group.digits.length < cardNumberLength.min) return false
  const digits = group.digits.replace(/^0+/, '')
  if (!isCardNumber(digits)) return false
  const previous = groups[at - 1]
  const isFraction = group.separator === 0x2e && previous !== undefined && previous.digits.length <= 3
  if (isFraction || !standsAlone(text, group.start, group.end)) return false
  const field = fieldOf(text, group.start, group.end)
  return !(field !== undefined && isExempt(field, digits)) && !insideIban(text, group.start)
}

function startWithoutZeros(text: string, group: DigitGroup): number {
  const zeros = /^0+/.exec(group.digits)?.[0].length ?? 0
  // Padding is written plainly; a padded number in another script keeps its zeros and shows less of itself.
  return text.startsWith('0'.repeat(zeros), group.start) ? group.start + zeros : group.start
}

function standsAlone(text: string, start: number, end: number): boolean {
  const before = /[A-Za-z0-9]*$/.exec(text.slice(Math.max(0, start - touchingLettersMax - 1), start))?.[0] ?? ''
  const after = /^[A-Za-z0-9]*/.exec(text.slice(end, end + touchingLettersMax + 1))?.[0] ?? ''
  return before.length + after.length <= touchingLettersMax
}
