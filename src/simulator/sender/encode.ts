import type { ReadContext, SourceWriter } from '../../contract/source.ts'
import { bodyOf, type TillUpload } from '../faults/misbehave.ts'

/** How uploads are written. `tillflow` has a line for each; a vendor's document holds many transactions. */
export interface Format {
  name: string
  writer: SourceWriter
}

/** One document on its way out, with what is in it, in its order. */
export interface EncodedDocument {
  body: string
  uploads: readonly TillUpload[]
  kind: 'receipts' | 'unreadable'
}

/**
 * Uploads as documents of a format. Our own lines can be broken one by one; a vendor's document that cannot be read takes all
 * that is in it with it, so there a broken receipt is a document of its own, cut off in the middle.
 */
export function encode(
  uploads: readonly TillUpload[],
  { name, writer }: Format,
  context: ReadContext,
): EncodedDocument[] {
  if (uploads.length === 0) return []
  if (name === 'tillflow')
    return [{ body: uploads.map((one) => `${bodyOf(one)}\n`).join(''), uploads, kind: 'receipts' }]
  const readable = uploads.filter(({ kind }) => kind !== 'unreadable')
  const write = (some: readonly TillUpload[]) =>
    writer.writeDocument(
      some.map(({ transaction }) => transaction),
      context,
    )
  return [
    ...(readable.length > 0 ? [{ body: write(readable), uploads: readable, kind: 'receipts' as const }] : []),
    ...uploads
      .filter(({ kind }) => kind === 'unreadable')
      .map((upload) => ({ body: cut(write([upload])), uploads: [upload], kind: 'unreadable' as const })),
  ]
}

function cut(body: string): string {
  return body.slice(0, Math.floor(body.length * 0.6))
}
