import { userInfo } from 'node:os'

/** Who acts, for the log of acts: the account of this machine. */
export function actor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // An account without a name, as in some containers.
    return `cli:${process.getuid?.() ?? 'unnamed'}`
  }
}
