/** Store, workstation and till identifiers: plain ASCII, so that one id never has two spellings. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(text)
}

/** GS1 check digit (mod 10, weights 3 and 1 from the right) of a GTIN-8/12/13/14, GLN, GSRN or SSCC; false for another length. */
export function hasValidCheckDigit(digits: string): boolean {
  if (!/^(\d{8}|\d{12,14}|\d{17,18})$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < digits.length - 1; index += 1) {
    const weight = (digits.length - 1 - index) % 2 === 1 ? 3 : 1
    sum += Number(digits[index]) * weight
  }
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1))
}

/** GTIN-8, -12, -13 and -14 as GTIN-14, by leading zeros; undefined for another length. The check digit is not looked at. */
export function normaliseGtin(digits: string): string | undefined {
  return /^(\d{8}|\d{12,14})$/.test(digits) ? digits.padStart(14, '0') : undefined
}

/**
 * Numbers a store gives itself (GS1 General Specifications, restricted circulation: prefixes 02, 04 and 20-29 of a GTIN-13,
 * 0 and 2 of a GTIN-8), often with a price or weight inside. They say nothing outside the store; their check digit still holds.
 */
export function isRestrictedCirculation(gtin: string): boolean {
  if (gtin.length === 8) return /^[02]\d{7}$/.test(gtin)
  const normalised = normaliseGtin(gtin)
  return normalised !== undefined && /^0(02|04|2\d)/.test(normalised)
}
