/** What a spreadsheet would run as a formula when a cell begins with it (OWASP, CSV injection). */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/

/** A cell of text: always quoted, and made harmless for spreadsheets by a leading apostrophe. */
export function textCell(text: string | undefined): string {
  if (text === undefined || text === '') return ''
  return `"${harmless(text).replaceAll('"', '""')}"`
}

/** A cell with a number that our own schema has checked: not quoted, and a minus stays a minus. */
export function numberCell(number: string | number | undefined): string {
  return number === undefined ? '' : String(number)
}

/** The text as it stands in a cell of text. */
export function harmless(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text
}

/** Reads the records of a CSV that this connector wrote (RFC 4180). */
export function* readRecords(text: string): Iterable<string[]> {
  let record: string[] = []
  let at = 0
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1)
      while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
      if (end === -1) return
      cell = text.slice(at + 1, end).replaceAll('""', '"')
      at = end + 1
    } else {
      const end = text.slice(at).search(/[,\r\n]/)
      cell = end === -1 ? text.slice(at) : text.slice(at, at + end)
      at += cell.length
    }
    record.push(cell)
    if (text[at] === ',') {
      at += 1
      if (at === text.length || text[at] === '\r') record.push('')
    }
    if (text[at] === '\r') {
      yield record
      record = []
      at += 2
    }
  }
}
