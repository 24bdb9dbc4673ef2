import { once } from 'node:events'

/** Data for a program. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`)
}

/** Data that comes in pieces: resolves when the reader is ready for the next one. */
export async function printPiece(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Data for a person: columns as wide as their widest cell, numbers to the right. */
export function printTable(headers: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  for (const line of formatTable(headers, rows)) printLine(line)
}

/** `right`: headers of columns that stand to the right besides those of numbers, such as amounts in decimal text. */
export function formatTable(
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  right: readonly string[] = [],
): string[] {
  const cells = [headers, ...rows.map((row) => row.map(String))]
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const isRight = headers.map(
    (header, column) =>
      right.includes(header) || (rows.length > 0 && rows.every((row) => typeof row[column] === 'number')),
  )
  return cells.map((row) =>
    row
      .map((cell, column) => (isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** Anything that is not data. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
