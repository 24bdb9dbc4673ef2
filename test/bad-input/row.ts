import { makeSale } from '../../src/testing/receipts.ts'

/** A word that stands in every bad input: an answer that repeats it echoes what a client sent. */
export const marker = 'echo7f3a'

/** What stays of an upload: a transaction, a row in quarantine, or nothing. */
type Kept = 'recorded' | 'quarantined' | 'nothing'

/** A bad input by its row of the catalogue, and what must become of it. */
export interface Row {
  row: number
  name: string
  body: string | Buffer
  /** Default: POST. */
  method?: 'DELETE' | 'TRACE'
  path?: string
  headers?: Record<string, string>
  status: number
  code?: string
  kept: Kept
  finding?: string
}

let number = 1_000

/** A sale that nobody sent before. */
export function sale(changes: object = {}): string {
  number += 1
  return JSON.stringify({ ...makeSale(number - 1), operatorId: marker, ...changes })
}

export function withLine(changes: object): string {
  const { lines } = makeSale(1)
  return sale({ lines: [{ ...lines[0], ...changes }, lines[1]] })
}

export const xml = (inside: string) => `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${inside}</POSLog>`
export const poslog = { path: '/v1/sources/poslog', headers: { 'content-type': 'application/xml' } }
export const visa = '4111111111111111'
