/** Country and length of account numbers, from the SWIFT IBAN registry. */
const ibanLengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 ' +
    'LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 ' +
    'SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
const ibanText = /(?<![A-Za-z0-9])([A-Z]{2})[0-9]{2}(?: ?[A-Z0-9]){11,28}/y
/** The longest account number in groups of four. */
const spelledLengthMax = 40

/** Whether the digits at `start` belong to an account number (ISO 13616) with a right checksum: its groups look like a card's. */
export function insideIban(text: string, start: number): boolean {
  for (let at = Math.max(0, start - spelledLengthMax); at < start; at += 1) {
    ibanText.lastIndex = at
    const match = ibanText.exec(text)
    if (match === null) continue
    const iban = match[0].replaceAll(' ', '').slice(0, ibanLengths.get(match[1] ?? '') ?? 0)
    if (iban !== '' && reaches(match[0], iban.length, start - at) && passesMod97(iban)) return true
  }
  return false
}

/** Whether the character at `place` is among the first `count` that are not spaces. */
function reaches(spelled: string, count: number, place: number): boolean {
  return place < spelled.length && spelled.slice(0, place).replaceAll(' ', '').length < count
}

function passesMod97(iban: string): boolean {
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}
