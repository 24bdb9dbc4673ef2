import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { type Mutant, mutants } from './mutants.ts'
import { changeClauses } from './mutate-pool.ts'

// Connects to nobody.
const pool = new pg.Pool()

describe('a control', () => {
  it.each(Object.entries<Mutant>(mutants))('%s finds what it replaces in the hub of today', (_, mutant) => {
    expect(() => mutant.pool?.(pool)).not.toThrow()
  })

  it('fails loudly when there is no such clause', () => {
    const changes = [{ clause: 'order by the moon', replacement: '' }]
    expect(() => changeClauses(pool, changes)).toThrow('order by the moon')
  })
})
