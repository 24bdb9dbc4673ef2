/** `[first, last, lengths]`: leading digits from `first` to `last` (same number of digits) and how long such a number is. */
type IssuerRange = readonly [first: string, last: string, lengths: readonly number[]]

/**
 * Issuer ranges of payment cards after ISO/IEC 7812. Thirteen digits are left out on purpose: every EAN has thirteen, and
 * Visa has not issued such numbers since the nineties. Maestro below 16 digits is left out for the same reason.
 */
const issuerRanges: readonly IssuerRange[] = [
  ['4', '4', [16, 19]], // Visa
  ['51', '55', [16]], // Mastercard
  ['2221', '2720', [16]], // Mastercard
  ['34', '34', [15]], // American Express
  ['37', '37', [15]],
  ['6011', '6011', [16, 17, 18, 19]], // Discover
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['3528', '3589', [16, 17, 18, 19]], // JCB
  ['300', '305', [14, 16, 19]], // Diners Club
  ['3095', '3095', [14, 16, 19]],
  ['36', '36', [14, 16, 19]],
  ['38', '39', [14, 16, 19]],
  ['62', '62', [16, 17, 18, 19]], // UnionPay
  ['81', '81', [16, 17, 18, 19]],
  ['50', '50', [16, 17, 18, 19]], // Maestro
  ['56', '58', [16, 17, 18, 19]],
  ['6304', '6304', [16, 17, 18, 19]],
  ['6759', '6759', [16, 17, 18, 19]],
  ['6761', '6763', [16, 17, 18, 19]],
  ['676770', '676774', [16, 17, 18, 19]],
  ['2200', '2204', [16, 17, 18, 19]], // Mir
  ['9792', '9792', [16]], // Troy
]

export const cardNumberLength = { min: 14, max: 19 } as const

/** Luhn, issuer range and length together: plain Luhn alone hits one product number in ten. */
export function isCardNumber(digits: string): boolean {
  return (
    digits.length >= cardNumberLength.min &&
    digits.length <= cardNumberLength.max &&
    isIssued(digits) &&
    passesLuhn(digits)
  )
}

/**
 * Whether nobody but a bank gives out such numbers: Visa and Mastercard (industry identifiers 4 and 5) and American Express.
 * Numbers that start with 2, 3, 6 and 9 are also given to loyalty programmes and gift cards.
 */
export function isBankOnly(digits: string): boolean {
  return /^(?:4(?:.{15}|.{18})|5[1-5].{14}|3[47].{13})$/.test(digits)
}

function isIssued(digits: string): boolean {
  return issuerRanges.some(([first, last, lengths]) => {
    const prefix = digits.slice(0, first.length)
    return prefix >= first && prefix <= last && lengths.includes(digits.length)
  })
}

export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let fromEnd = 0; fromEnd < digits.length; fromEnd += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - fromEnd) - 0x30
    sum += fromEnd % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9
  }
  return sum % 10 === 0
}

/** The check digit of a GTIN, GLN or SSCC (GS1 General Specifications 7.9). */
export function passesGs1Check(digits: string): boolean {
  let sum = 0
  for (let fromEnd = 0; fromEnd < digits.length; fromEnd += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - fromEnd) - 0x30
    sum += fromEnd % 2 === 0 ? digit : digit * 3
  }
  return sum % 10 === 0
}
