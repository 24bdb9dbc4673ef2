import type { SourceWriter } from '../../contract/source.ts'

/** NDJSON: one transaction on each line, in its canonical form. */
export const writer: SourceWriter = {
  fileExtension: '.ndjson',
  mediaType: 'application/x-ndjson',
  canWrite: () => true,
  writeDocument: (transactions) => transactions.map((transaction) => `${JSON.stringify(transaction)}\n`).join(''),
}
