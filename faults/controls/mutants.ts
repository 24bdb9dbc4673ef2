import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Bus } from '../../src/contract/bus.ts'
import type { Connection, Connector } from '../../src/contract/connector.ts'
import type { KeptResult, Source } from '../../src/contract/source.ts'
import { commitBatchesText, commitResultsText, commitText } from '../../src/delivery/queries.ts'
import { insertReceiptsText } from '../../src/intake/queries.ts'
import { changeClauses, filterPool, replaceClause } from './mutate-pool.ts'

/** A hub with one part replaced by a wrong one, as somebody might have written it. */
export interface Mutant {
  pool?(pool: Pool): Pool
  connector?(connector: Connector): Connector
  source?(source: Source): Source
  bus?(bus: Bus): Bus
}

/** Every connection of a connector, changed. */
function changeConnections(change: (connection: Connection) => Connection): Pick<Mutant, 'connector'> {
  return {
    connector: (connector) => ({
      ...connector,
      connect: (settings, environment) => change(connector.connect(settings, environment)),
    }),
  }
}

function refuseNews(result: KeptResult | undefined): KeptResult {
  if (!result) throw new Error('the source reads no documents')
  if (result.kind === 'unreadable' || result.unknownValues.length === 0) return result
  return { kind: 'unreadable', problem: 'schema-violation', detail: 'Unknown.', partial: {}, bytes: result.bytes }
}

function dropUnknown(result: KeptResult | undefined): KeptResult {
  if (!result) throw new Error('the source reads no documents')
  if (result.kind === 'unreadable') return result
  const text = JSON.stringify(result.transaction, (name, value) => (name === 'extensions' ? undefined : value))
  return { ...result, transaction: JSON.parse(text) }
}

const identityConflict = 'on conflict (transaction_id) do nothing'
const mentionsOfRecorded = `as m (subject_index, transaction_id)
    join recorded using (transaction_id)`
/** For a database without the primary key. */
const withoutConflict = () => replaceClause(insertReceiptsText, { clause: identityConflict, replacement: '' })

export const mutants = {
  /** Says yes when the statement has been sent, not when it is committed. */
  'answer-before-commit': {
    pool: (pool) =>
      filterPool(pool, async (config, query) => {
        if (config.text !== insertReceiptsText) return query(config)
        query(config).catch(() => {})
        const ids = config.values?.[0] as string[]
        return { rows: ids.map((transaction_id) => ({ transaction_id, recorded_at: new Date() })) }
      }),
  },
  /** Looks whether an identity is there, and inserts it when it was not. For a database without the primary key. */
  'check-then-insert': {
    pool: (pool) => {
      const text = replaceClause(withoutConflict(), {
        clause: 'from incoming order by transaction_id',
        replacement: 'from incoming where not (transaction_id = any($known::uuid[])) order by transaction_id',
      })
      return filterPool(pool, async (config, query) => {
        if (config.text !== insertReceiptsText) return query(config)
        const { values = [] } = config
        const found = 'select transaction_id from transactions where transaction_id = any($1::uuid[])'
        const known = (await query({ text: found, values: [values[0]] })) as { rows: { transaction_id: string }[] }
        const rest = [...new Set(known.rows.map((row) => row.transaction_id))]
        return query({ text: text.replace('$known', () => `$${values.length + 1}`), values: [...values, rest] })
      })
    },
  },
  /** The last upload of a number wins. */
  upsert: {
    pool: (pool) =>
      changeClauses(pool, [
        {
          clause: identityConflict,
          replacement: `on conflict (transaction_id) do update set content_hash = excluded.content_hash,
            grand_total_minor = excluded.grand_total_minor`,
        },
        {
          clause: 'from incoming i join recorded r using (transaction_id)',
          replacement: `from incoming i join recorded r using (transaction_id)
            where not exists (select from raw_records w where w.record_id = i.transaction_id)`,
        },
        { clause: mentionsOfRecorded, replacement: `${mentionsOfRecorded} on conflict do nothing` },
      ]),
  },
  /** Every upload is somebody new. For a database without the primary key. */
  'forget-identity': {
    pool: (pool) => {
      const text = withoutConflict()
      return filterPool(pool, async (config, query) => {
        if (config.text !== insertReceiptsText) return query(config)
        const ids = config.values?.[0] as string[]
        await query({ text, values: [ids.map(() => randomUUID()), ...(config.values ?? []).slice(1)] })
        return { rows: ids.map((transaction_id) => ({ transaction_id, recorded_at: new Date() })) }
      })
    },
  },
  /** A commit is taken whoever holds the shard by now. */
  'lease-without-fence': {
    pool: (pool) =>
      changeClauses(pool, [
        {
          clause: 'and s.shard = v.shard and s.fence = v.fence and s.owner = v.owner',
          replacement: 'and s.shard = v.shard',
        },
      ]),
  },
  /** Leases of four hours, as job queues have them. */
  'long-lock': {
    pool: (pool) =>
      changeClauses(pool, [
        {
          clause: "lease_until = clock_timestamp() + $3 * interval '1 millisecond'",
          replacement: "lease_until = clock_timestamp() + greatest($3 * interval '1 millisecond', interval '4 hours')",
        },
      ]),
  },
  /** A key for each attempt instead of one for the event. */
  'new-key-per-attempt': changeConnections((connection) => ({
    ...connection,
    postTransaction: async (event, context) =>
      (await connection.postTransaction?.(event, { ...context, idempotencyKey: randomUUID() })) ?? {
        kind: 'skipped',
        reason: 'no ability',
      },
  })),
  /** Takes every target for one that collapses repeats, so that what is unknown is sent again. */
  'blind-resend': changeConnections((connection) => ({
    ...connection,
    features: { ...connection.features, idempotent: true },
  })),
  /**
   * Does what costs more the longer the backlog is: keeps what it has read, reads all that is there to choose the next events from,
   * and weighs what is there before it takes or settles anything.
   */
  'felt-backlog': {
    pool: (pool) => {
      const kept: Buffer[] = []
      const choosing = changeClauses(pool, [
        {
          clause: 'order by e.xid, e.position limit $6\n      ) e limit $4',
          replacement: `order by e.xid, e.position
      ) e where $6::int > 0 order by e.data -> 'transaction' ->> 'businessDayDate', e.data -> 'transaction' ->> 'endDateTime', e.xid, e.position limit $4`,
        },
      ])
      const weighed = [insertReceiptsText, commitResultsText, commitBatchesText, commitText]
      const weighText = `select sum(length(e.data::text)) from delivery_shards s cross join lateral (
        select data from journal_events e where e.shard = s.shard and (e.xid, e.position) > (s.cursor_xid, s.cursor_position)
      ) e`
      return filterPool(choosing, async (config, query) => {
        if (weighed.includes(config.text)) await query({ text: weighText })
        const result = await query(config)
        if (config.text.includes('cross join lateral')) kept.push(Buffer.from(JSON.stringify(result)))
        return result
      })
    },
  },
  /** Events in the order of what the tills' clocks said. */
  'order-by-till-clock': {
    pool: (pool) =>
      changeClauses(pool, [
        {
          clause: 'order by e.xid, e.position limit $6\n      ) e limit $4',
          replacement:
            "order by e.xid, e.position limit $6\n      ) e order by e.data -> 'transaction' ->> 'endDateTime' limit $4",
        },
      ]),
  },
  /** Takes only what it knows. */
  'strict-schema': {
    source: (source) => ({
      ...source,
      ...(source.readDocument && { readDocument: (...args) => refuseNews(source.readDocument?.(...args)) }),
    }),
  },
  /** Takes everything, and forgets what it does not know. */
  'forget-unknown': {
    source: (source) => ({
      ...source,
      ...(source.readDocument && { readDocument: (...args) => dropUnknown(source.readDocument?.(...args)) }),
    }),
  },
  /** Waits for an answer as long as the line stands, and a line that is half open stands for ever. */
  'endless-patience': {
    pool: (pool) => {
      Object.assign(pool.options, { query_timeout: 0 })
      return pool
    },
  },
  /** Takes for confirmed what was sent. */
  'publish-unconfirmed': {
    bus: (bus) => ({
      name: bus.name,
      features: bus.features,
      prepareTopics: (plans) => bus.prepareTopics(plans),
      publish: async (messages) => {
        bus.publish(messages).catch(() => {})
      },
      subscribe: (subscription) => bus.subscribe(subscription),
      close: () => bus.close(),
    }),
  },
  /** Not a fault: a target that can neither collapse a repeat nor be asked, as many are. */
  'no-look-up': changeConnections(({ findPosting: _, ...connection }) => ({
    ...connection,
    features: { ...connection.features, lookUp: false },
  })),
} satisfies Record<string, Mutant>

export type MutantName = keyof typeof mutants
