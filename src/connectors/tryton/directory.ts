import type { ConnectorContext } from '../../contract/connector.ts'
import { CallFailed } from './call-failed.ts'
import { codePrefix, typeOfAccount } from './codes.ts'
import * as kinds from './master-kinds.ts'
import { Masters } from './masters.ts'
import type { Session } from './session.ts'
import type { TheirLine, TheirTax } from './their-receipt.ts'
import { idOf, idsOf, type TheirRecord, toTheirDate, toTheirDecimal } from './wire.ts'

/** What may be made when Tryton does not have it. */
export interface MayCreate {
  createMissing: boolean
  /** Products of the assortment too; otherwise a receipt with an unknown one is refused. */
  createProducts: boolean
}

/** Tryton's ids for the codes of a receipt; what is missing is made with what an accountant can change afterwards. */
export class Directory {
  readonly #session: Session
  readonly #masters: Masters
  readonly #createProducts: boolean
  readonly #periods = new Map<string, number>()
  #accountTypes: Promise<AccountTypes> | undefined
  #lostAndFound: number | undefined

  constructor(session: Session, { createMissing, createProducts }: MayCreate) {
    this.#session = session
    this.#masters = new Masters(session, createMissing)
    this.#createProducts = createProducts
  }

  async currency(code: string, context: ConnectorContext): Promise<{ id: number; digits: number }> {
    const record = await this.#masters.findOne(kinds.currencies, code, context)
    return { id: idOf(record), digits: typeof record.digits === 'number' ? record.digits : 2 }
  }

  async accounts(codes: Iterable<string>, context: ConnectorContext): Promise<Map<string, number>> {
    const found = await this.#masters.find(kinds.accounts, codes, context, async (code) => {
      const company = await this.#session.company(context)
      this.#accountTypes ??= readAccountTypes(this.#session, context)
      const { root, ...types } = await this.#accountTypes.catch((error: unknown) => {
        this.#accountTypes = undefined
        throw error
      })
      return { name: code, code, type: types[typeOfAccount(code)], parent: root, company: company.id }
    })
    return idsByCode(found)
  }

  async taxes(taxes: readonly TheirTax[], context: ConnectorContext): Promise<Map<string, number>> {
    const names = taxes.map((tax) => tax.name)
    const found = await this.#masters.find(kinds.taxes, names, context, async (name) => {
      const account = (await this.accounts(['TILL-TAX'], context)).get('TILL-TAX')
      const rate = taxes.find((tax) => tax.name === name)?.ratePercent
      const company = await this.#session.company(context)
      const base = { name, description: name, company: company.id }
      if (rate === undefined) return { ...base, type: 'none' }
      const accountsOfTax = { invoice_account: account, credit_note_account: account }
      return { ...base, ...accountsOfTax, type: 'percentage', rate: toTheirDecimal(percentToRate(rate)) }
    })
    return idsByCode(found)
  }

  /** The journal of a store's till, in which payments are booked: so Tryton can total by store. */
  async journal(store: string, context: ConnectorContext): Promise<number> {
    const code = journalOf(store)
    const record = await this.#masters.findOne(kinds.journals, code, context, async () => ({
      name: code,
      code,
      type: 'cash',
      sequence: idOf(await this.#sequence(context)),
    }))
    return idOf(record)
  }

  #sequence(context: ConnectorContext): Promise<TheirRecord> {
    const name = `${codePrefix}JOURNAL`
    return this.#masters.findOne(kinds.sequences, name, context, async () => ({
      name,
      sequence_type: idOf(await this.#masters.findOne(kinds.sequenceTypes, 'Account Journal', context)),
      company: (await this.#session.company(context)).id,
    }))
  }

  async party(code: string, context: ConnectorContext): Promise<{ id: number; address: number; location: number }> {
    const record = await this.#masters.findOne(kinds.parties, code, context, async () => ({
      code,
      name: code,
      addresses: [['create', [{}]]],
    }))
    const [address] = idsOf(record.addresses)
    if (address === undefined) throw new CallFailed({ kind: 'rejected', reason: `the party ${code} has no address` })
    const { customer_location: location } = record
    return { id: idOf(record), address, location: typeof location === 'number' ? location : 0 }
  }

  async products(
    lines: readonly TheirLine[],
    context: ConnectorContext,
  ): Promise<Map<string, { id: number; unit: number; isService: boolean }>> {
    const codes = lines.map((line) => line.product)
    const found = await this.#masters.find(kinds.products, codes, context, async (code) => {
      // What money beside the goods is booked on is ours and not in any assortment.
      if (!this.#createProducts && !code.startsWith(codePrefix)) return undefined
      const line = lines.find((one) => one.product === code)
      const unit = idOf(await this.#unit(line?.unit ?? 'EA', context))
      const category = code.startsWith(codePrefix) ? code : `${codePrefix}SALES`
      return {
        name: line?.description ?? code,
        type: line?.productType ?? 'goods',
        default_uom: unit,
        sale_uom: unit,
        salable: true,
        list_price: toTheirDecimal('0'),
        account_category: idOf(await this.#category(category, context)),
        products: [['create', [{ suffix_code: code, cost_price: toTheirDecimal('0') }]]],
      }
    })
    return new Map(
      [...found].map(([code, record]) => {
        const { default_uom: unit, type } = record
        return [code, { id: idOf(record), unit: typeof unit === 'number' ? unit : 0, isService: type === 'service' }]
      }),
    )
  }

  #category(name: string, context: ConnectorContext): Promise<TheirRecord> {
    return this.#masters.findOne(kinds.categories, name, context, async () => ({
      name,
      accounting: true,
      account_revenue: (await this.accounts([name], context)).get(name),
    }))
  }

  /** Tills weigh to the gram and fuel to the millilitre: Tryton's own units keep two decimals. */
  #unit(code: string, context: ConnectorContext): Promise<TheirRecord> {
    const name = `${codePrefix}${code}`
    return this.#masters.findOne(kinds.units, name, context, async () => ({
      name,
      symbol: code,
      category: idOf(await this.#masters.findOne(kinds.unitCategories, name, context, async () => ({ name }))),
      factor: 1,
      rate: 1,
      rounding: 0.00001,
      digits: 5,
    }))
  }

  async warehouse(store: string, context: ConnectorContext): Promise<{ id: number; storage: number }> {
    const record = await this.#masters.findOne(kinds.warehouses, store, context, async () => {
      const code = `${store}-STO`
      const storage = idOf(
        await this.#masters.findOne(kinds.storages, code, context, async () => ({ name: code, code, type: 'storage' })),
      )
      const places = { input_location: storage, output_location: storage, storage_location: storage }
      return { name: store, code: store, type: 'warehouse', ...places }
    })
    const { storage_location: storage } = record
    return { id: idOf(record), storage: typeof storage === 'number' ? storage : 0 }
  }

  async lostAndFound(context: ConnectorContext): Promise<number> {
    if (this.#lostAndFound === undefined) {
      const domain = [['type', '=', 'lost_found']]
      const [place] = await this.#session.search('stock.location', domain, ['code'], context, { limit: 1 })
      if (!place) throw new CallFailed({ kind: 'rejected', reason: 'Tryton has no location for lost goods' })
      this.#lostAndFound = idOf(place)
    }
    return this.#lostAndFound
  }

  /** The accounting period of a day. An accountant opens fiscal years; until then the receipt is parked. */
  async period(day: string, context: ConnectorContext): Promise<number> {
    const known = this.#periods.get(day)
    if (known !== undefined) return known
    const date = toTheirDate(day)
    const domain = [
      ['start_date', '<=', date],
      ['end_date', '>=', date],
      ['type', '=', 'standard'],
      ['company', '=', (await this.#session.company(context)).id],
    ]
    const [period] = await this.#session.search('account.period', domain, ['name'], context, { limit: 1 })
    if (!period) throw new CallFailed({ kind: 'rejected', reason: `Tryton has no accounting period for ${day}` })
    if (this.#periods.size > 1_000) this.#periods.clear()
    this.#periods.set(day, idOf(period))
    return idOf(period)
  }
}

export function journalOf(store: string): string {
  return `${codePrefix}${store}`
}

interface AccountTypes {
  root: number
  asset: number
  liability: number
  revenue: number
}

/** The types that the company's own chart uses for such accounts. */
async function readAccountTypes(session: Session, context: ConnectorContext): Promise<AccountTypes> {
  const company = (await session.company(context)).id
  const first = async (...domain: unknown[]): Promise<TheirRecord> => {
    const own = [['company', '=', company], ...domain]
    const [account] = await session.search('account.account', own, ['type'], context, { limit: 1 })
    if (!account) throw new CallFailed({ kind: 'rejected', reason: 'the company in Tryton has no chart of accounts' })
    return account
  }
  const typeOf = async (...domain: unknown[]) => Number((await first(...domain)).type)
  const onBalance = (assets: boolean) => [
    ['type.statement', '=', 'balance'],
    ['type.assets', '=', assets],
    ['type.receivable', '=', false],
    ['type.payable', '=', false],
  ]
  return {
    root: idOf(await first(['parent', '=', null])),
    asset: await typeOf(...onBalance(true)),
    liability: await typeOf(...onBalance(false)),
    revenue: await typeOf(['type.revenue', '=', true]),
  }
}

function idsByCode(found: ReadonlyMap<string, TheirRecord>): Map<string, number> {
  return new Map([...found].map(([code, record]) => [code, idOf(record)]))
}

/** 19 % is the rate 0.19. */
function percentToRate(percent: string): string {
  const [whole = '0', fraction = ''] = percent.replace('-', '').split('.')
  const digits = whole.padStart(3, '0')
  return `${percent.startsWith('-') ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`
}
