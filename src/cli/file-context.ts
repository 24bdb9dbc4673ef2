import { Problem } from '../contract/problem.ts'
import type { ConnectedAccount, ReadContext, Source } from '../contract/source.ts'

/** What files are read in, before it is known which source reads them. */
export interface FileContext extends ReadContext {
  /** The accounts of the settings. */
  accounts?: readonly ConnectedAccount[]
  /** The account that was named for all files. */
  accountName?: string | undefined
}

/** The context for one source: with the account that was named, else with its only one. Throws Problem `unknown-account`. */
export function contextFor(source: Source, { accounts = [], accountName, ...context }: FileContext): ReadContext {
  if (source.features.identity !== 'vendor-fact') return context
  const own = accounts.filter((one) => one.source === source.name)
  const account =
    accountName === undefined && own.length === 1 ? own[0] : own.find(({ names }) => names.includes(accountName ?? ''))
  if (!account)
    throw new Problem(
      'unknown-account',
      own.length > 1 && accountName === undefined
        ? `${source.title} come from several accounts: name one with --account.`
        : `There is no such account of ${source.name} in sourceAccounts of the settings.`,
    )
  return { ...context, account }
}
