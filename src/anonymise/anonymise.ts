import { Problem } from '../contract/problem.ts'
import { type ReplaceOptions, replaceValue } from './replace-value.ts'
import { rewriteJson, type Visit } from './rewrite-json.ts'
import { XmlRewriter } from './rewrite-xml.ts'
import type { Kind, Rules } from './rules.ts'
import { splitDocuments } from './split-documents.ts'

/** How many values each rule kept or replaced. */
export type Counts = Partial<Record<Kind, number>>

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Turns a source's document into test data of the same form, piece by piece. `counts` is added to meanwhile. Throws a Problem where
 * the document is broken or hostile; what came out before is of no use then.
 */
export async function* anonymise(
  input: Bytes,
  rules: Rules,
  options: ReplaceOptions,
  counts: Counts = {},
): AsyncGenerator<string> {
  const visit: Visit = (value, name, parent) => {
    const { text, kind } = replaceValue(value, name, rules.kindOf(name, parent), options)
    counts[kind] = (counts[kind] ?? 0) + 1
    return text
  }
  if (rules.form === 'xml') yield* anonymiseXml(input, visit)
  else for await (const { bytes, end } of splitDocuments(input)) yield rewriteJson(bytes, rules, visit) + end
}

async function* anonymiseXml(input: Bytes, visit: Visit): AsyncGenerator<string> {
  const rewriter = new XmlRewriter(visit)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const piece of input) {
    const text = decode(decoder, piece, true)
    if (text !== '') yield rewriter.write(text)
  }
  decode(decoder, new Uint8Array(0), false)
  yield rewriter.end()
}

function decode(decoder: InstanceType<typeof TextDecoder>, piece: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(piece, { stream })
  } catch (cause) {
    throw new Problem('invalid-encoding', 'The XML is not valid UTF-8.', { cause })
  }
}
