import { readFileSync } from 'node:fs'

/** The user and group that PostgreSQL runs as. */
export interface Account {
  uid: number
  gid: number
}

/**
 * The account for PostgreSQL, which refuses to run as root: `nobody` when we are root, else `undefined` (our own).
 * `nobody` exists on every system, so that no account has to be made.
 */
export function chooseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  return readAccount('nobody') ?? { uid: 65534, gid: 65534 }
}

function readAccount(name: string): Account | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (!uid || !gid) return undefined
    return { uid: Number(uid), gid: Number(gid) }
  } catch {
    return undefined
  }
}
