import type { Page } from 'playwright-core'
import type { HubProcess } from '../../hub-process.ts'
import type { HowTo } from '../how-to.ts'

/** Somebody whom a provider of the test knows. */
export interface Person {
  /** What is typed. */
  name: string
  password: string
  displayName: string
  email: string
  groups: readonly string[]
}

/** An identity provider with the people of the test, and one client that has a secret. */
export interface Provider {
  /** What is to be said of it in the settings of the hub, beside the secret. */
  settings: Readonly<Record<string, string>>
  /** Absent: none is needed. */
  clientSecret?: string
  /** What only a hub that runs can be told, before anybody comes. */
  prepare?(hub: HubProcess, page: Page): Promise<void>
  /** What the hub is told of a person; absent: the display name and the e-mail. */
  shows?(person: Person): { name: string; email?: string }
  /** Who has no group here does not get past it either; absent: the hub keeps them out. */
  refusesStrangers?: boolean
  /** Types name and password into the provider's own page, and agrees to whatever it asks then. */
  signIn(page: Page, person: Pick<Person, 'name' | 'password'>): Promise<void>
  /** Resolves when the page says that name or password are wrong. */
  seesRefusal(page: Page): Promise<void>
  /** Agrees that the provider signs the person out too; absent: it cannot, or asks nothing. */
  signOut?(page: Page): Promise<void>
  /** Ends all sessions of a person there, as an administrator does; absent: nobody tells the hub of it. */
  endSessionsOf?(person: Pick<Person, 'name'>): Promise<void>
  /** Forgets people and client; ends what was started for them. */
  remove(): Promise<void>
}

/**
 * Makes people and client known to a provider, as the how-to says. Undefined, with a line that nobody overlooks, where this machine has
 * none.
 */
export type SetUp = (plan: { people: readonly Person[]; howTo: HowTo }) => Promise<Provider | undefined>
