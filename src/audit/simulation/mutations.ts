import { randomUUID } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { RandomSource } from '../../contract/clock.ts'
import { emptyRaws } from '../../intake/personal-data.ts'
import { vouchUnder } from '../../privacy/encryption/vouch.ts'
import { noteEmptied } from '../emptied.ts'
import { hashLine, readLine, writeLine } from '../seal/checkpoint.ts'
import { rootOfEntries } from '../seal/entry.ts'
import { makeSigningKey, openSigningKey } from '../seal/signing-key.ts'
import type { FaultKind } from '../verify/fault.ts'
import { makeKeys } from './sealed-books.ts'
import type { SealedEntry, SealedList } from './sealed-list.ts'

/** What an attack must be found as: at this place of the list, or where only a checkpoint can be named, at that. */
export interface Expected {
  kinds: readonly FaultKind[]
  place?: number
  /** Of what was not sealed. */
  id?: string
  checkpoint?: number
}

export interface Attack {
  client: PoolClient
  list: SealedList
  random: RandomSource
}

export type Mutation = (attack: Attack) => Promise<Expected>

function pick<Item>(random: RandomSource, items: readonly Item[]): Item {
  const item = items[Math.floor(random.next() * items.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

const pickEntry = ({ random, list }: Attack, kind: SealedEntry['kind']) =>
  pick(
    random,
    list.entries.filter((one) => one.kind === kind),
  )

/** An attack by one statement on the row of one entry ($1: its id). */
function onRow(kind: SealedEntry['kind'], statements: readonly string[], kinds: readonly FaultKind[]): Mutation {
  return async (attack) => {
    const { id, place } = pickEntry(attack, kind)
    const { rowCount } = await attack.client.query(pick(attack.random, statements), [id])
    if (rowCount !== 1) throw new Error('the attack changed nothing')
    return { kinds, place }
  }
}

const flipData: Mutation = async (attack) => {
  const { id, place } = pickEntry(attack, 'event')
  const { client, random } = attack
  const { rows } = await client.query<{ data: string }>(
    'select data::text as data from journal_events where event_id = $1',
    [id],
  )
  const data = rows[0]?.data ?? ''
  // A digit becomes another one, a letter of a value another letter: it is JSON still.
  const at = pick(
    random,
    [...data.matchAll(/(?<=[\d.])[1-9]|(?<=": ?"[A-Za-z]*)[a-zA-Z](?=[A-Za-z]*")/g)].map((one) => one.index),
  )
  const old = data.charAt(at)
  const flipped = /\d/.test(old) ? String((Number(old) % 9) + 1) : old === 'x' ? 'y' : 'x'
  await client.query('update journal_events set data = $2 where event_id = $1', [
    id,
    data.slice(0, at) + flipped + data.slice(at + 1),
  ])
  return { kinds: ['altered'], place }
}

const flipCiphertext: Mutation = async (attack) => {
  const { id, place } = pickEntry(attack, 'raw')
  await attack.client.query(
    `update raw_records set sealed = set_byte(sealed, at, (get_byte(sealed, at) + $3) % 256)
     from (select (length(sealed) * $2::float8)::int as at from raw_records where record_id = $1) as chosen where record_id = $1`,
    [id, attack.random.next() * 0.99, 1 + Math.floor(attack.random.next() * 255)],
  )
  return { kinds: ['altered'], place }
}

/** Two events change places in the journal. */
const swapPlaces: Mutation = async (attack) => {
  const [one, other] = [pickEntry(attack, 'event'), pickEntry(attack, 'event')]
  if (one.id === other.id) return swapPlaces(attack)
  const { client } = attack
  await client.query('alter table journal_events alter column position drop identity')
  await client.query(
    `update journal_events set xid = theirs.xid, position = theirs.position
     from (select event_id, xid, position from journal_events where event_id = any($1)) as theirs
     where journal_events.event_id = any($1) and theirs.event_id <> journal_events.event_id`,
    [[one.id, other.id]],
  )
  return { kinds: ['reordered'], place: Math.min(one.place, other.place) }
}

const swapCiphertexts: Mutation = async (attack) => {
  const [one, other] = [pickEntry(attack, 'raw'), pickEntry(attack, 'raw')]
  if (one.id === other.id) return swapCiphertexts(attack)
  await attack.client.query(
    `update raw_records set sealed = theirs.sealed, key_id = theirs.key_id from raw_records as theirs
     where raw_records.record_id = any($1) and theirs.record_id = any($1) and theirs.record_id <> raw_records.record_id`,
    [[one.id, other.id]],
  )
  return { kinds: ['altered'], place: Math.min(one.place, other.place) }
}

/** An event is taken out and written again as if it had just come. */
const moveToEnd: Mutation = async (attack) => {
  const { id, place } = pickEntry(attack, 'event')
  await attack.client.query('update journal_events set xid = pg_current_xact_id() where event_id = $1', [id])
  return { kinds: ['reordered'], place }
}

const insertEvent: Mutation = async (attack) => {
  const { id } = pickEntry(attack, 'event')
  const { rows } = await attack.client.query<{ event_id: string }>(
    `insert into journal_events (event_id, xid, position, shard, event_type, subject, ordering_key, data)
     overriding system value
     select gen_random_uuid(), (xid::text::bigint - 1)::text::xid8, position, shard, event_type, subject, ordering_key, data
     from journal_events where event_id = $1 returning event_id`,
    [id],
  )
  return { kinds: ['inserted'], id: rows[0]?.event_id ?? '' }
}

const insertAct: Mutation = async (attack) => {
  const { id } = pickEntry(attack, 'act')
  const { rows } = await attack.client.query<{ act_id: string }>(
    `insert into audit_acts (act_id, xid, actor, act, object) overriding system value
     select 100000 + act_id, (xid::text::bigint - 1)::text::xid8, actor, act, object from audit_acts where act_id = $1 returning act_id`,
    [id],
  )
  return { kinds: ['inserted'], id: rows[0]?.act_id ?? '' }
}

/** The bytes go, and what was there is noted as the hub would, with an act that says so: all but the key is known to who owns the database. */
const emptyByHand: Mutation = async (attack) => {
  const { id, place } = pickEntry(attack, 'raw')
  const { client } = attack
  const portion = randomUUID()
  await emptyRaws(client, [id], portion)
  const theirs = vouchUnder(makeKeys(9).auditKey)
  const way = attack.random.next()
  if (way < 0.4) await noteEmptied(client, theirs, portion, { cause: 'person', erasureId: portion })
  // As a version noted it that wrote no acts.
  else if (way < 0.7) await client.query('update raw_erasures set portion = null where record_id = $1', [id])
  return { kinds: ['emptied'], place }
}

/** A raw record for an event that had none. */
const insertRaw: Mutation = async ({ client, random, list }) => {
  const raws = new Set(list.entries.filter((one) => one.kind === 'raw').map(({ id }) => id))
  const { id } = pick(
    random,
    list.entries.filter((one) => one.kind === 'event' && !raws.has(one.id)),
  )
  await client.query(
    'insert into raw_records (record_id, key_id, fidelity, sealed) select $1, key_id, fidelity, sealed from raw_records limit 1',
    [id],
  )
  return { kinds: ['inserted'], id }
}

const cutJournal: Mutation = async ({ client, random, list }) => {
  const events = list.entries.filter((one) => one.kind === 'event')
  const gone = events.slice(-1 - Math.floor(random.next() * 8))
  await client.query('delete from journal_events where event_id = any($1)', [gone.map(({ id }) => id)])
  await client.query('delete from raw_records where record_id = any($1)', [gone.map(({ id }) => id)])
  return { kinds: ['truncated', 'deleted'], place: gone[0]?.place ?? 0 }
}

/** The last checkpoints go, and what they sealed may go with them: only the file knows. */
const cutCheckpoints: Mutation = async ({ client, random, list }) => {
  const first = list.checkpoints - Math.floor(random.next() * 4)
  await client.query('delete from audit_checkpoints where checkpoint_no >= $1', [first])
  const gone = list.entries.filter((one) => one.checkpoint >= first && one.kind === 'event').map(({ id }) => id)
  if (random.next() < 0.5) await client.query('delete from journal_events where event_id = any($1)', [gone])
  return { kinds: ['truncated'], checkpoint: first }
}

const deleteCheckpoint: Mutation = async ({ client, random, list }) => {
  const checkpoint = 1 + Math.floor(random.next() * (list.checkpoints - 1))
  await client.query('delete from audit_checkpoints where checkpoint_no = $1', [checkpoint])
  return { kinds: ['checkpoint-missing'], checkpoint }
}

const swapCheckpoints: Mutation = async ({ client, random, list }) => {
  const checkpoint = 1 + Math.floor(random.next() * (list.checkpoints - 1))
  await client.query('update audit_checkpoints set checkpoint_no = -checkpoint_no where checkpoint_no in ($1, $2)', [
    checkpoint,
    checkpoint + 1,
  ])
  await client.query('update audit_checkpoints set checkpoint_no = $1 where checkpoint_no = -$2::bigint', [
    checkpoint,
    checkpoint + 1,
  ])
  await client.query('update audit_checkpoints set checkpoint_no = $1 where checkpoint_no = -$2::bigint', [
    checkpoint + 1,
    checkpoint,
  ])
  return { kinds: ['checkpoint-altered', 'inserted', 'reordered'], checkpoint }
}

const alterLine: Mutation = async ({ client, random, list }) => {
  const checkpoint = 1 + Math.floor(random.next() * list.checkpoints)
  const line = list.lines[checkpoint - 1] ?? ''
  const at = pick(
    random,
    [...line.matchAll(/[0-9a-f]/g)].map((one) => one.index),
  )
  const flipped = line.charAt(at) === '1' ? '2' : '1'
  await client.query('update audit_checkpoints set line = $2 where checkpoint_no = $1', [
    checkpoint,
    line.slice(0, at) + flipped + line.slice(at + 1),
  ])
  return { kinds: ['checkpoint-altered', 'checkpoint-forged'], checkpoint }
}

/** A byte of the list of digests: the place of that entry is named. */
const alterList: Mutation = async (attack) => {
  const { place, checkpoint, indexInList } = pick(attack.random, attack.list.entries)
  await attack.client.query(
    'update audit_checkpoints set entries = set_byte(entries, $2, (get_byte(entries, $2) + 1) % 256) where checkpoint_no = $1',
    [checkpoint, indexInList * 49 + 17 + Math.floor(attack.random.next() * 32)],
  )
  return { kinds: ['checkpoint-altered'], place }
}

/**
 * Somebody with everything but the master key changes an event, and seals it and all that follows anew under a key of their own. Whether
 * the list of digests is made anew as well decides if the event can still be named.
 */
const sealAnew: Mutation = async (attack) => {
  const { client, random, list } = attack
  const { id, place, checkpoint, indexInList, digest } = pickEntry(attack, 'event')
  await client.query(`update journal_events set subject = subject || 'x' where event_id = $1`, [id])
  const withList = random.next() < 0.5
  const { auditKey } = makeKeys(8)
  const theirs = makeSigningKey(auditKey)
  const privateKey = openSigningKey(theirs, auditKey)
  if (random.next() < 0.5)
    await client.query('insert into audit_keys (key, voucher, retired_at) values ($1, $2, now())', [
      theirs.key,
      theirs.voucher,
    ])
  let previous = hashLine(list.lines[checkpoint - 2] ?? '')
  if (checkpoint === 1) previous = '0'.repeat(64)
  for (let number = checkpoint; number <= list.checkpoints; number += 1) {
    const read = readLine(list.lines[number - 1] ?? '')
    const entries = Buffer.from(list.lists[number - 1] ?? [])
    if (!read) throw new Error('the chain is broken before the attack')
    if (withList && number === checkpoint)
      entries.set(
        digest.map((byte) => 255 - byte),
        indexInList * 49 + 17,
      )
    const line = writeLine({ ...read.checkpoint, key: theirs.key, previous, root: rootOfEntries(entries) }, privateKey)
    previous = hashLine(line)
    await client.query('update audit_checkpoints set line = $2, entries = $3 where checkpoint_no = $1', [
      number,
      line,
      entries,
    ])
  }
  return withList ? { kinds: ['checkpoint-forged', 'checkpoint-altered'], checkpoint } : { kinds: ['altered'], place }
}

/** What somebody may do who owns the database and has no key. */
export const mutations: Readonly<Record<string, Mutation>> = {
  flipData,
  flipCiphertext,
  emptyByHand,
  alterEvent: onRow(
    'event',
    [
      "update journal_events set recorded_at = recorded_at + interval '1 microsecond' where event_id = $1",
      "update journal_events set subject = subject || 'x' where event_id = $1",
      "update journal_events set ordering_key = 'x' || ordering_key where event_id = $1",
      'update journal_events set shard = (shard + 1) % 64 where event_id = $1',
      "update journal_events set event_type = 'pos.transaction.quarantined.v1' where event_id = $1",
      "update journal_events set depends_on = '{}' where event_id = $1",
      "update journal_events set traceparent = coalesce(traceparent || '1', '') where event_id = $1",
    ],
    ['altered'],
  ),
  alterRaw: onRow(
    'raw',
    [
      'update raw_records set key_id = key_id + 1 where record_id = $1',
      "update raw_records set fidelity = 'masked' where record_id = $1",
      "update raw_records set fidelity = 'erased' where record_id = $1",
      "update raw_records set fidelity = 'erased', sealed = '' where record_id = $1",
      'update raw_records set sealed = substring(sealed from 1 for length(sealed) - 1) where record_id = $1',
    ],
    ['altered'],
  ),
  alterAct: onRow(
    'act',
    [
      "update audit_acts set actor = 'cli:eve' where act_id = $1",
      "update audit_acts set at = at + interval '1 microsecond' where act_id = $1",
      "update audit_acts set act = 'target.resume' where act_id = $1",
      "update audit_acts set object = object || '0' where act_id = $1",
      "update audit_acts set reason = coalesce(reason || '!', '') where act_id = $1",
      `update audit_acts set before = '{"state":"paused"}' where act_id = $1`,
      'update audit_acts set after = null where act_id = $1',
      `update audit_acts set details = '{"was":"so"}' where act_id = $1`,
    ],
    ['altered'],
  ),
  deleteEvent: onRow('event', ['delete from journal_events where event_id = $1'], ['deleted', 'truncated']),
  deleteRaw: onRow('raw', ['delete from raw_records where record_id = $1'], ['deleted', 'truncated']),
  deleteAct: onRow('act', ['delete from audit_acts where act_id = $1'], ['deleted']),
  swapPlaces,
  swapCiphertexts,
  moveToEnd,
  insertEvent,
  insertRaw,
  insertAct,
  cutJournal,
  cutCheckpoints,
  deleteCheckpoint,
  swapCheckpoints,
  alterLine,
  alterList,
  sealAnew,
}
