import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  ConnectorContext,
  DeliveryEvent,
  Outcome,
  StoreDayRecord,
  TargetDocument,
} from '../../contract/connector.ts'
import { makeDirectory, removeLeftBehind, syncDirectory, writeDurably } from '../../durable-files/write-durably.ts'
import { type FileFormat, readFileText, toFileText, toTargetDocument } from './translate.ts'

export interface FileTarget {
  /** Absolute. */
  directory: string
  format: FileFormat
  /** Day directories that this connection has made and tidied. */
  prepared: Set<string>
}

/** `<business day>/<event id>.<format>`; nothing of it is a till's text. */
function placeOf({ directory, format }: FileTarget, event: DeliveryEvent) {
  const { eventId, transaction } = event
  const day = checkedPart(transaction.businessDayDate, /^\d{4}-\d{2}-\d{2}$/)
  const name = `${checkedPart(eventId, /^[A-Za-z0-9-]{1,64}$/)}.${format}`
  return { directory: join(directory, day), name, documentId: `${day}/${name}` }
}

function checkedPart(part: string, pattern: RegExp): string {
  if (!pattern.test(part)) throw new Error('a part of a file name is not of its form')
  return part
}

/** Writes the event's file. One that is there is complete, since names appear by rename only, and is never written again. */
export async function writeEventFile(
  target: FileTarget,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<Outcome> {
  if (context.signal.aborted) return { kind: 'retry', reason: 'the time for the attempt was over' }
  try {
    const { directory, name, documentId } = placeOf(target, event)
    await prepareDirectory(target, directory, context.now())
    // After a crash between rename and sync the name may be there, and not yet be durable.
    if (await isThere(join(directory, name))) await syncDirectory(directory)
    else await writeDurably(directory, name, toFileText(event, target.format))
    return { kind: 'delivered', documents: [toTargetDocument(documentId, event.transaction)] }
  } catch (error) {
    // Whatever was done can be done again: the same name gets the same bytes.
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    return { kind: 'retry', reason: `the file could not be written (${code})` }
  }
}

async function prepareDirectory(target: FileTarget, directory: string, nowMs: number): Promise<void> {
  if (target.prepared.has(directory)) return
  await makeDirectory(directory)
  await removeLeftBehind(directory, nowMs)
  target.prepared.add(directory)
}

/** The event's file, if it is there for good: a name that was seen before its directory was synced may be gone after a power cut. */
export async function findEventFile(target: FileTarget, event: DeliveryEvent): Promise<TargetDocument[] | undefined> {
  const { directory, name, documentId } = placeOf(target, event)
  if (!(await isThere(join(directory, name)))) return undefined
  await syncDirectory(directory)
  return [toTargetDocument(documentId, event.transaction)]
}

/** What the directory has of a store's business day. */
export async function* readFilesOfDay(
  target: FileTarget,
  { businessUnitId, businessDayDate }: { businessUnitId: string; businessDayDate: string },
): AsyncIterable<StoreDayRecord> {
  const day = checkedPart(businessDayDate, /^\d{4}-\d{2}-\d{2}$/)
  const directory = join(target.directory, day)
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.sort()) {
    if (name.startsWith('.') || !name.endsWith(`.${target.format}`)) continue
    const text = await readFile(join(directory, name), 'utf8')
    const record = readFileText(text, target.format, `${day}/${name}`, businessUnitId)
    if (record) yield record
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
