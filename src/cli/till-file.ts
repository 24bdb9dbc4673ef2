import { readFile } from 'node:fs/promises'
import { Pool } from 'undici'
import type { Credentials } from '../contract/credentials.ts'
import { Problem } from '../contract/problem.ts'
import { type Registration, TillIdentity } from '../simulator/till/till-identity.ts'
import { TillKey } from '../simulator/till/till-key.ts'

/** The till of a file that `tillflow till enrol` wrote. Throws Problem `settings-invalid` for another file. */
export async function readTillFile(file: string, to: string): Promise<Credentials> {
  try {
    const { privateJwk, ...registration } = JSON.parse(await readFile(file, 'utf8')) as Registration & {
      privateJwk: object
    }
    const pool = new Pool(new URL(to).origin, { keepAliveTimeout: 1 })
    return new TillIdentity(registration, TillKey.read(privateJwk), { pool })
  } catch (error) {
    throw new Problem('settings-invalid', `${file} is not a file of tillflow till enrol.`, { cause: error })
  }
}
