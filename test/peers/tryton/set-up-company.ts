import recipe from './recipe.json' with { type: 'json' }
import { openTrytonApi, type TrytonAddress, type TrytonApi, toDate, toDecimal } from './tryton-api.ts'

/** What an accountant does before the first receipt: currencies with rates, a company, its chart of accounts, fiscal years. */
export async function setUpCompany(address: TrytonAddress): Promise<void> {
  const api = await openTrytonApi(address)
  const currencies = await api.create(
    'currency.currency',
    ...recipe.currencies.map(({ code, number, digits, rate }) => ({
      code,
      name: code,
      symbol: code,
      numeric_code: number,
      digits,
      rounding: toDecimal(digits === 0 ? '1' : `0.${'1'.padStart(digits, '0')}`),
      rates: [['create', [{ date: toDate('2000-01-01'), rate: toDecimal(rate) }]]],
    })),
  )
  const own = recipe.currencies.findIndex(({ code }) => code === recipe.companyCurrency)
  const [party] = await api.create('party.party', { name: 'The retailer' })
  const [company] = await api.create('company.company', { party, currency: currencies[own] })
  const users = await api.searchRead('res.user', [['login', '=', address.user]], ['id'])
  await api.call('model.res.user.write', [users[0]?.id], { companies: [['add', [company]]], company })
  api.context = { company }
  await createChart(api, company)
  for (const year of recipe.fiscalYears) await createFiscalYear(api, company, year)
}

async function createChart(api: TrytonApi, company: number | undefined): Promise<void> {
  const domain = [
    ['parent', '=', null],
    ['name', 'like', 'Minimal%'],
  ]
  const [template] = (await api.call('model.account.account.template.search', domain, 0, 1, null)) as number[]
  const [session] = (await api.call('wizard.account.create_chart.create')) as [number]
  const account = { company, account_template: template }
  const execute = (states: object, transition: string) =>
    api.call('wizard.account.create_chart.execute', session, states, transition)
  await execute({ account }, 'create_account')
  const idOf = async (flag: string) =>
    (await api.searchRead('account.account', [[`type.${flag}`, '=', true]], ['id']))[0]?.id
  const properties = {
    company,
    account_receivable: await idOf('receivable'),
    account_payable: await idOf('payable'),
    category_account_revenue: await idOf('revenue'),
    category_account_expense: await idOf('expense'),
  }
  await execute({ account, properties }, 'create_properties')
}

async function createFiscalYear(api: TrytonApi, company: number | undefined, year: number): Promise<void> {
  const typeOf = async (name: string) =>
    (await api.searchRead('ir.sequence.type', [['name', '=', name]], ['id']))[0]?.id
  const [moves] = await api.create('ir.sequence', {
    name: `Postings ${year}`,
    sequence_type: await typeOf('Account Move'),
    company,
  })
  const [invoices] = await api.create('ir.sequence.strict', {
    name: `Invoices ${year}`,
    sequence_type: await typeOf('Invoice'),
    company,
  })
  const sequences = {
    company,
    out_invoice_sequence: invoices,
    out_credit_note_sequence: invoices,
    in_invoice_sequence: invoices,
    in_credit_note_sequence: invoices,
  }
  const [fiscalYear] = await api.create('account.fiscalyear', {
    name: String(year),
    start_date: toDate(`${year}-01-01`),
    end_date: toDate(`${year}-12-31`),
    company,
    post_move_sequence: moves,
    invoice_sequences: [['create', [sequences]]],
  })
  await api.call('model.account.fiscalyear.create_period', [fiscalYear])
}
