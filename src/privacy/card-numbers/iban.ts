const ibanText = /[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{1,4}){3,8}/y

/** Whether the digits at `start` belong to an account number (ISO 13616) with a right checksum: its groups look like a card's. */
export function insideIban(text: string, start: number): boolean {
  for (let at = Math.max(0, start - 42); at < start; at += 1) {
    ibanText.lastIndex = at
    const match = ibanText.exec(text)
    if (match !== null && at + match[0].length > start && startsWithIban(match[0])) return true
  }
  return false
}

/** Words may follow the account number, so it may end at any space. */
function startsWithIban(spelled: string): boolean {
  const groups = spelled.split(' ')
  return groups.some((_, count) => passesMod97(groups.slice(0, count + 1).join('')))
}

function passesMod97(iban: string): boolean {
  if (iban.length < 15 || iban.length > 34) return false
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}
