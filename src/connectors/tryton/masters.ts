import type { ConnectorContext } from '../../contract/connector.ts'
import { CallFailed } from './call-failed.ts'
import type { Session } from './session.ts'
import { idOf, type TheirRecord, textOf } from './wire.ts'

/** Records that receipts refer to, such as products, and how they are found. */
export interface MasterKind {
  /** For people: `product`. */
  title: string
  model: string
  /** The field that holds the code. */
  codeField: string
  fields: readonly string[]
  /** Narrows the search, e.g. to warehouses. */
  domain?: readonly unknown[]
  /** Where records are made that show up in `model`, e.g. templates with their products. */
  createIn?: string
}

/** Beyond so many codes of one kind everything is looked up anew: memory has a limit, an assortment is mostly smaller. */
const cachedMax = 50_000

/**
 * Finds records by their codes and makes those that are missing, where that is allowed. What was found once is remembered; a
 * receipt of known goods needs no call. Records are made one after another, so that receipts that need the same new product at
 * the same time make one; should another process be as quick, both use the older one.
 */
export class Masters {
  readonly #session: Session
  readonly #createMissing: boolean
  readonly #known = new Map<MasterKind, Map<string, TheirRecord>>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(session: Session, createMissing: boolean) {
    this.#session = session
    this.#createMissing = createMissing
  }

  /** Throws `CallFailed`: rejected where a record is missing and may not be made (`make` gives none for it). */
  async find(
    kind: MasterKind,
    codes: Iterable<string>,
    context: ConnectorContext,
    make?: (code: string) => Promise<TheirRecord | undefined>,
  ): Promise<Map<string, TheirRecord>> {
    const wanted = [...new Set(codes)]
    await this.#look(kind, this.#unknown(kind, wanted), context)
    const missing = this.#unknown(kind, wanted)
    if (missing.length > 0) {
      if (!make || !this.#createMissing) throw isMissing(kind, missing)
      // Made before the turn comes: what they need may have to be made too.
      const records = new Map<string, TheirRecord>()
      for (const code of missing) {
        const record = await make(code)
        if (!record) throw isMissing(kind, [code])
        records.set(code, record)
      }
      await this.#inTurn(() => this.#make(kind, records, context))
    }
    const known = this.#of(kind)
    return new Map(wanted.map((code) => [code, known.get(code) ?? {}]))
  }

  /** As `find`, for one code. */
  async findOne(
    kind: MasterKind,
    code: string,
    context: ConnectorContext,
    make?: (code: string) => Promise<TheirRecord>,
  ): Promise<TheirRecord> {
    return (await this.find(kind, [code], context, make)).get(code) ?? {}
  }

  async #make(kind: MasterKind, records: ReadonlyMap<string, TheirRecord>, context: ConnectorContext): Promise<void> {
    // Somebody may have made them while this one waited for its turn.
    const missing = this.#unknown(kind, [...records.keys()])
    if (missing.length === 0) return
    const making = missing.flatMap((code) => records.get(code) ?? [])
    try {
      await this.#session.call('reads', `model.${kind.createIn ?? kind.model}.create`, [making], context)
    } catch (error) {
      // Where codes are unique another process may have been quicker.
      await this.#look(kind, missing, context)
      if (this.#unknown(kind, missing).length > 0) throw error
    }
    await this.#look(kind, missing, context)
    const still = this.#unknown(kind, missing)
    if (still.length > 0) throw isMissing(kind, still)
  }

  async #look(kind: MasterKind, codes: readonly string[], context: ConnectorContext): Promise<void> {
    if (codes.length === 0) return
    const domain = [[kind.codeField, 'in', codes], ...(kind.domain ?? [])]
    const fields = [kind.codeField, ...kind.fields]
    const found = await this.#session.search(kind.model, domain, fields, context, { order: [['id', 'ASC']] })
    const known = this.#of(kind)
    if (known.size > cachedMax) known.clear()
    for (const record of found) {
      const code = textOf(record[kind.codeField])
      if (idOf(record) > 0 && !known.has(code)) known.set(code, record)
    }
  }

  #unknown(kind: MasterKind, codes: readonly string[]): string[] {
    const known = this.#of(kind)
    return codes.filter((code) => !known.has(code))
  }

  #of(kind: MasterKind): Map<string, TheirRecord> {
    const known = this.#known.get(kind) ?? new Map<string, TheirRecord>()
    this.#known.set(kind, known)
    return known
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#queue.then(work, work)
    this.#queue = turn.catch(() => {})
    return turn
  }
}

function isMissing({ title }: MasterKind, codes: readonly string[]): CallFailed {
  const named = codes.slice(0, 5).join(', ')
  return new CallFailed({ kind: 'rejected', reason: `Tryton has no ${title} ${named}` })
}
