import type { ClientBase, Pool } from 'pg'
import { isEmptyingOfHub, type Vouch } from '../emptied.ts'

/** So many of them are remembered: records that were emptied together mostly lie together. */
const rememberedMax = 1_000

/** Which emptyings were the hub's, each asked for once. */
export class Emptyings {
  readonly #known = new Map<string, boolean>()
  readonly #db: Pool | ClientBase
  readonly #vouch: Vouch

  constructor(db: Pool | ClientBase, vouch: Vouch) {
    this.#db = db
    this.#vouch = vouch
  }

  async isOfHub(portion: string): Promise<boolean> {
    const known = this.#known.get(portion)
    if (known !== undefined) return known
    const isOfHub = await isEmptyingOfHub(this.#db, this.#vouch, portion)
    if (this.#known.size >= rememberedMax) this.#known.clear()
    this.#known.set(portion, isOfHub)
    return isOfHub
  }
}
