import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { Problem } from '../contract/problem.ts'
import { chooseSource } from './file-report.ts'

/** What a hub said of a file. */
export interface SentFile {
  file: string
  source: string
  recorded: number
  duplicates: number
  quarantined: number
  conflicts: number
  refused: number
  /** What was understood and is no transaction, or none yet. */
  noted: number
  problems: string[]
}

interface LineAnswer {
  kind?: string
  count?: number
  code?: string
  detail?: string
  slice?: number
}

/** Streams a file to `/v1/sources/{source}` and counts the answers as they come. */
export async function sendFile(options: {
  file: string
  to: string
  token: string
  source: string | undefined
}): Promise<SentFile> {
  const source = await chooseSource(options.file, options.source)
  const mediaType = source.features.mediaTypes.find((type) => /xml|ndjson/.test(type)) ?? 'application/json'
  const url = new URL(`/v1/sources/${source.name}`, options.to)
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${options.token}`, 'content-type': mediaType, accept: 'application/x-ndjson' },
    body: createReadStream(options.file),
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  }).catch((error: unknown) => {
    throw new Problem('hub-not-running', `The hub at ${url.origin} does not answer.`, { cause: error })
  })
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
  for await (const line of createInterface({ input: Readable.from(body) })) {
    if (line.trim() !== '') count(sent, JSON.parse(line) as LineAnswer)
  }
  return sent
}

function count(sent: SentFile, answer: LineAnswer): void {
  if (answer.kind === 'recorded') sent.recorded += 1
  else if (answer.kind === 'duplicate') sent.duplicates += 1
  else if (answer.kind === 'quarantined') sent.quarantined += 1
  else if (answer.kind === 'conflict') sent.conflicts += 1
  else if (answer.kind === 'noted') sent.noted += answer.count ?? 0
  else {
    if (answer.slice !== 0) sent.refused += 1
    sent.problems.push(`${answer.code ?? 'problem'}: ${answer.detail ?? ''}`)
  }
}
