import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { describeEmptied, nameEmptied } from '../intake/emptied.ts'
import { describeEmptiedEvents } from '../journal/emptied.ts'
import { readActs, recordAct } from './acts.ts'

/** A keyed hash of a text, under a key that is not in the database (`vouchUnder`). */
export type Vouch = (text: string) => Buffer

/** Why the bytes of records were taken away. */
export type EmptyingCause =
  | { cause: 'person'; erasureId: string }
  /** A rule of retention: of which class of data, and what is older than when. */
  | { cause: 'retention'; dataClass: string; cutAt: string }
  /** By a version that wrote no such acts. */
  | { cause: 'before' }

const act = 'raw.empty'
const objectOf = (portion: string) => `emptied:${portion}`

/** Writes down which records and texts were emptied, in the transaction that does it, so that verify tells them from those that somebody emptied by hand. */
export async function noteEmptied(
  db: ClientBase,
  vouch: Vouch,
  portion: string,
  why: EmptyingCause,
  by: { actor: string; reason?: string } = { actor: 'hub' },
): Promise<void> {
  const emptied = await describe(db, portion)
  if (!emptied) return
  const details = { ...why, ...emptied, voucher: voucherOf(vouch, portion, emptied).toString('base64url') }
  await recordAct(db, { ...by, act, object: objectOf(portion), details })
}

/** Vouches for the raw records that a version emptied which wrote no such acts, in a transaction; resolves with how many they are. */
export async function vouchForEmptiedBefore(
  client: ClientBase,
  vouch: Vouch,
  by: { actor: string; reason: string },
): Promise<number> {
  const portion = randomUUID()
  const records = await nameEmptied(client, portion)
  await noteEmptied(client, vouch, portion, { cause: 'before' }, by)
  return records
}

/** Whether the records that are noted under this name are those that the hub emptied together. */
export async function isEmptyingOfHub(db: Pool | ClientBase, vouch: Vouch, portion: string): Promise<boolean> {
  const emptied = await describe(db, portion)
  if (!emptied) return false
  const expected = voucherOf(vouch, portion, emptied)
  const acts = await readActs(db, objectOf(portion))
  return acts.some(({ act: what, details }) => what === act && isSame(details?.voucher, expected))
}

interface Emptied {
  rawRecords: number
  rawSha256: string
  texts: number
  textsSha256: string
}

async function describe(db: Pool | ClientBase, portion: string): Promise<Emptied | undefined> {
  const raw = await describeEmptied(db, portion)
  const texts = await describeEmptiedEvents(db, portion)
  if (!raw && !texts) return undefined
  return {
    rawRecords: raw?.records ?? 0,
    rawSha256: raw?.sha256 ?? '',
    texts: texts?.events ?? 0,
    textsSha256: texts?.sha256 ?? '',
  }
}

function voucherOf(vouch: Vouch, portion: string, emptied: Emptied): Buffer {
  const { rawRecords, rawSha256, texts, textsSha256 } = emptied
  return vouch(['emptied', portion, rawRecords, rawSha256, texts, textsSha256].join('\n'))
}

function isSame(voucher: unknown, expected: Buffer): boolean {
  const given = typeof voucher === 'string' ? Buffer.from(voucher, 'base64url') : Buffer.alloc(0)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
