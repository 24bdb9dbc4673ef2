import { randomBytes } from 'node:crypto'
import type { Person } from './providers/provider.ts'

const newPassword = () => randomBytes(12).toString('base64url')

function personOf(name: string, displayName: string, groups: readonly string[]): Person {
  return { name, displayName, email: `${name}@example.com`, password: newPassword(), groups }
}

/** May do everything. */
export const admin = personOf('head-office', 'Head Office', ['tillflow-admins', 'all-staff'])
/** Looks after the stores of one region, and no others. */
export const northManager = personOf('north-manager', 'North Manager', ['north-managers', 'all-staff'])
/** Known to the provider, and to nobody here. */
export const stranger = personOf('stranger', 'A Stranger', ['all-staff'])

export const people: readonly Person[] = [admin, northManager, stranger]
