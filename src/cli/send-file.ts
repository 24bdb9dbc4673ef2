import { createReadStream } from 'node:fs'
import type { Credentials } from '../contract/credentials.ts'
import { Problem } from '../contract/problem.ts'
import type { SliceCounts } from '../contract/slice-quality.ts'
import { postDocument, type SliceAnswer } from '../file-drop/post-document.ts'
import { chooseSource } from './file-report.ts'

/** What a hub said of a file. */
export interface SentFile extends SliceCounts {
  file: string
  source: string
  problems: string[]
}

/** Streams a file to `/v1/sources/{source}` and counts the answers as they come. */
export async function sendFile(options: {
  file: string
  to: string
  /** An API token, or what makes headers of its own for each request. */
  token: string | Credentials
  source: string | undefined
}): Promise<SentFile> {
  const source = await chooseSource(options.file, options.source)
  const mediaType = source.features.mediaTypes.find((type) => /xml|ndjson/.test(type)) ?? 'application/json'
  const url = new URL(`/v1/sources/${source.name}`, options.to)
  const body = createReadStream(options.file)
  const { statusCode, answers } = await postDocument({ url, token: options.token, mediaType, body })
  const sent: SentFile = {
    file: options.file,
    source: source.name,
    recorded: 0,
    duplicates: 0,
    quarantined: 0,
    conflicts: 0,
    refused: 0,
    noted: 0,
    problems: [],
  }
  if (statusCode === 401) throw new Problem('unauthorized')
  for await (const answer of answers) count(sent, answer)
  return sent
}

function count(sent: SentFile, answer: SliceAnswer): void {
  if (answer.kind === 'recorded') sent.recorded += 1
  else if (answer.kind === 'duplicate') sent.duplicates += 1
  else if (answer.kind === 'quarantined') sent.quarantined += 1
  else if (answer.kind === 'conflict') sent.conflicts += 1
  else if (answer.kind === 'noted') sent.noted += 1
  else {
    if (answer.slice !== 0) sent.refused += 1
    sent.problems.push(`${answer.code ?? 'problem'}: ${answer.detail ?? ''}`)
  }
}
