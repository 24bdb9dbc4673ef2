/** At most so many characters of a text. A pair of surrogates is never cut in two: half a character cannot be stored. */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const last = text.charCodeAt(charactersMax - 1)
  const isCutInTwo = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, isCutInTwo ? charactersMax - 1 : charactersMax)
}
