import { isProblem, type Problem } from '../../contract/problem.ts'
import type { ReadContext, ReadResult, Source } from '../../contract/source.ts'

export interface Reading {
  results: ReadResult[]
  /** Why reading stopped before the end. */
  problem: Problem | undefined
}

/** Everything a source makes of an input. Anything thrown that is no `Problem` is a defect, and passes through. */
export async function readAll(source: Source, chunks: Iterable<Uint8Array>, context: ReadContext): Promise<Reading> {
  const results: ReadResult[] = []
  try {
    for await (const result of source.read(chunks, context)) results.push(result)
  } catch (error) {
    if (!isProblem(error)) throw error
    return { results, problem: error }
  }
  return { results, problem: undefined }
}

export function transactionsIn({ results }: Reading): Extract<ReadResult, { kind: 'transaction' }>[] {
  return results.filter((result) => result.kind === 'transaction')
}

/** All that a reading says to people: problems, details and findings. */
export function messagesOf({ results, problem }: Reading): string {
  const told = results.map((result) => {
    if (result.kind === 'unreadable') return result.detail
    if (result.kind === 'noted') return result.what
    return result.kind === 'refused' ? result.problem.message : result.findings.map((finding) => finding.message)
  })
  return JSON.stringify([told, problem?.message])
}
