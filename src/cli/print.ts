/** Data for a program. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`)
}

/** Data for a person: columns as wide as their widest cell, numbers to the right. */
export function printTable(headers: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [headers, ...rows.map((row) => row.map(String))]
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const isNumber = headers.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  for (const row of cells) {
    const line = row.map((cell, column) =>
      isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    )
    process.stdout.write(`${line.join('  ').trimEnd()}\n`)
  }
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Anything that is not data. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
