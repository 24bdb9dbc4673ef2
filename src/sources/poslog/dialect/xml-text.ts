import { Unrepresentable } from '../notes.ts'

/**
 * Everything that is not plain: what XML reserves, control characters, what XML 1.0 cannot hold, and our own escape sign. White
 * space other than the space is among them: parsers normalise it in attributes and at the ends of lines.
 */
const notPlain = /[&<>"\p{Cc}\p{Cs}␛\ufffe\uffff]/u
const everyNotPlain = /[&<>"\p{Cc}\p{Cs}␛\ufffe\uffff]/gu
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/**
 * A text for element content and attributes alike. Characters that XML 1.0 cannot hold become `␛{1f}`: the SYMBOL FOR ESCAPE
 * (U+241B) and the code in braces; the symbol itself becomes `␛{241b}`, so that every text comes back as it was.
 * Throws a RangeError for U+0000 and half a surrogate pair, which no store of ours holds either.
 */
export function xmlText(text: string): string {
  return isPlain(text) ? text : text.replace(everyNotPlain, escapeCharacter)
}

/** Texts are short, and a loop over them is faster than an expression. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code === 0x22 || code === 0x26 || code === 0x3c || code === 0x3e) return false
    if (code > 0x7e && notPlain.test(text)) return false
  }
  return true
}

/** As `xmlText` for element content without control characters, where quotation marks stay readable (JSON has many). */
export function xmlContent(text: string): string {
  return /[&<>␛]/.test(text) ? text.replace(/[&<>␛]/g, escapeCharacter) : text
}

function escapeCharacter(character: string): string {
  const entity = entities[character]
  if (entity !== undefined) return entity
  const code = character.charCodeAt(0)
  // Of the control characters above ASCII, XML 1.0 holds all.
  if (code >= 0x7f && code <= 0x9f) return character
  if (code === 0x09 || code === 0x0a || code === 0x0d) return `&#${code};`
  if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) {
    throw new RangeError('A text has a character that no document can hold: U+0000 or half a surrogate pair.')
  }
  return `␛{${code.toString(16)}}`
}

/** The text that `xmlText` wrote, after the XML parser has read it. */
export function textFromXml(text: string): string {
  if (!text.includes('␛')) return text
  return text.replace(/␛\{([0-9a-f]{1,4})\}/g, (_, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16))
    if (character === '\0' || !character.isWellFormed()) {
      throw new Unrepresentable('invalid-character', 'A text contains U+0000 or half a surrogate pair.')
    }
    return character
  })
}
