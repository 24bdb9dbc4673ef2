const words = 'tax HST GST TPS PST QST RST TVQ VAT MwSt USt TVA IVA BTW MOMS ALV DPH PVM PDV ÁFA ΦΠΑ'.replaceAll(
  ' ',
  '|',
)
const taxWord = new RegExp(`(?<![\\p{L}\\p{N}_])(${words})(?![\\p{L}\\p{N}_])`, 'iu')

/** A name needs one more step at the most; a long text of short words would meet such a word at nearly every one. */
const walksMax = 16

/**
 * A tax by its name, as its sender wrote it: the words that say which kind of tax it is stay, since readers tell the kind by them
 * and they name nobody; what stands around them becomes a pseudonym, which is no such word itself.
 */
export function taxNamePseudonym(original: string, of: (text: string) => string): string {
  return original
    .split(new RegExp(taxWord, 'giu'))
    .map((part) => (part.trim() === '' || taxWord.test(part) ? part : pseudonymOfRest(part, of)))
    .join('')
}

/** Walking on keeps two originals apart, as one step does. */
function pseudonymOfRest(part: string, of: (text: string) => string): string {
  let pseudonym = of(part)
  for (let walk = 0; walk < walksMax && taxWord.test(pseudonym); walk += 1) pseudonym = of(pseudonym)
  return pseudonym
}
