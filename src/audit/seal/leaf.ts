import { hash } from 'node:crypto'
import type { RawRecordToSeal } from '../../intake/read-to-seal.ts'
import type { EventToSeal } from '../../journal/read-to-seal.ts'
import { referPersonalText } from '../../privacy/refer-personal-data.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Entry } from './entry.ts'
import type { ActToSeal } from './queries.ts'

/**
 * Version of what a leaf is made of. The rules by which personal data is referred to are part of it: whoever changes one of them
 * changes the leaves of events that are sealed already, and must keep the old rules for checkpoints of the old version.
 */
export const leafVersion = 1

type Field = string | number | null | readonly string[]

/**
 * SHA-256 over fields, each with its length in bytes before it, so that no two rows have the same encoding: null is not the empty
 * text, and a list of one not its item. Text is put together first: a call per field costs more than the hash.
 */
function digest(name: string, fields: readonly Field[]): Buffer {
  let text = `tillflow ${name} leaf v${leafVersion}\n`
  for (const field of fields) text += encodeField(field)
  return hash('sha256', text, 'buffer')
}

function encodeField(field: Field): string {
  if (field === null) return '-'
  if (typeof field === 'object') return `[${field.length}]${field.map(encodeField).join('')}`
  const text = String(field)
  return `${Buffer.byteLength(text)}:${text}`
}

/**
 * Of an event everything counts, its data in the form without personal data in clear: an erasure puts that form in the place of the
 * data, and changes no leaf. Where it has taken free text away too, data that is what was noted since stands for what was before.
 */
export function entryOfEvent(event: EventToSeal, refer: Reference): Entry {
  const present = hash('sha256', referPersonalText(event.dataText, refer), 'hex')
  const isEmptied = event.emptiedAfter === present
  const data = isEmptied ? event.emptiedBefore : present
  return {
    kind: 'event',
    id: event.eventId,
    digest: digest('event', [
      event.eventId,
      event.xid,
      event.position,
      event.shard,
      event.eventType,
      event.subject,
      event.orderingKey,
      event.dependsOn,
      event.recordedAtUs,
      event.traceparent,
      data,
    ]),
    ...(isEmptied && { emptied: { portion: event.emptiedWith } }),
  }
}

/** Of a raw record the ciphertext counts: it stays as it is when its key is destroyed. */
export function entryOfRawRecord(record: RawRecordToSeal): Entry {
  const { recordId, keyId, fidelity, sealedSha256, isEmptied, emptiedWith } = record
  const fields = [recordId, keyId, fidelity, sealedSha256.toString('hex')]
  const emptied = isEmptied && { emptied: { portion: emptiedWith } }
  return { kind: 'raw', id: recordId, digest: digest('raw', fields), ...emptied }
}

export function entryOfAct(act: ActToSeal): Entry {
  const { actId, xid, atUs, actor, object, reason, before, after, details } = act
  const fields = [actId, xid, atUs, actor, act.act, object, reason, before, after, details]
  return { kind: 'act', id: actId, digest: digest('act', fields) }
}
