import { describe, expect, it } from 'vitest'
import type { ReadContext, Source } from '../contract/source.ts'
import { validateTransaction } from '../contract/transaction-schema.ts'
import { checkTransaction } from '../domain/checks/index.ts'
import { describeCuts } from './source/cuts.ts'
import { describeDamage } from './source/damage.ts'
import { expectGolden, goldenPairs } from './source/golden-pairs.ts'
import { describeHostileInput, type HostileInput } from './source/hostile-input.ts'
import { readAll, transactionsIn } from './source/read-all.ts'
import { describeVersions, type VersionHistory } from './source/versions.ts'
import { describeWebhooks, type SignedWebhook } from './source/webhooks.ts'
import { describeWriter } from './source/writer.ts'

export interface SourceConformanceOptions {
  /** Holds `<name>.theirs.<extension>` and `<name>.ours.json`. */
  samplesDirectory: URL
  context: ReadContext
  /** Inputs of this source's format that must be refused, and how. */
  hostile?: readonly HostileInput[]
  /** Text that stands for personal or card data in the samples and must not come out. */
  secrets?: readonly string[]
  /** Sources of vendor facts: how things of this vendor go on. */
  histories?: readonly VersionHistory[]
  /** Sources that take webhooks: one that is signed. */
  webhook?: SignedWebhook
}

export type { HostileInput }

/** What every source promises, on its own samples. `UPDATE_GOLDEN=1` rewrites what the samples are read as. */
export function describeSourceConformance(source: Source, options: SourceConformanceOptions): void {
  const { context, samplesDirectory } = options
  const pairs = goldenPairs(samplesDirectory)

  describe(`source ${source.name}`, () => {
    it('has samples', () => expect(pairs.length).toBeGreaterThan(0))

    describe.each(pairs)('$name', (pair) => {
      it('is recognised by its first bytes', () => expect(source.recognises(pair.theirs.subarray(0, 4096))).toBe(true))

      it('is read as recorded', async () => expectGolden(pair, await readAll(source, [pair.theirs], context)))

      it('is read the same a second time', async () => {
        const first = await readAll(source, [pair.theirs], context)
        expect(await readAll(source, [pair.theirs], context)).toEqual(first)
      })

      it('keeps the bytes of each result as they stand in the input, in order', async () => {
        const { results } = await readAll(source, [pair.theirs], context)
        let from = 0
        let last: Uint8Array | undefined
        for (const { bytes } of results) {
          // The facts of one document share its bytes.
          if (last !== undefined && Buffer.compare(bytes, last) === 0 && source.features.identity === 'vendor-fact')
            continue
          const at = pair.theirs.indexOf(bytes, from)
          expect(at).toBeGreaterThanOrEqual(from)
          from = at + bytes.length
          last = bytes
        }
      })

      it('becomes transactions of the schema, with goods out and money in positive', async () => {
        for (const { transaction } of transactionsIn(await readAll(source, [pair.theirs], context))) {
          const validation = validateTransaction(structuredClone(transaction))
          expect(validation.valid ? [] : validation.violations).toEqual([])
          const findings = checkTransaction(transaction, context.store(transaction.businessUnitId))
          expect(findings.filter((finding) => finding.check === 'SIGN')).toEqual([])
        }
      })

      it('keeps every vendor value that nobody knows', async () => {
        for (const { transaction, unknownValues } of transactionsIn(await readAll(source, [pair.theirs], context))) {
          const kept = JSON.stringify([transaction.extensions, transaction.lines.map((line) => line.extensions)])
          for (const value of unknownValues) expect(kept).toContain(value.slice(value.indexOf('=') + 1))
        }
      })

      it('lets no personal or card data through', async () => {
        const { results, problem } = await readAll(source, [pair.theirs], context)
        const told = JSON.stringify([results.map(({ bytes, ...rest }) => rest), problem?.message])
        for (const secret of options.secrets ?? []) expect(told).not.toContain(secret)
      })

      describeCuts(source, pair.theirs, context)
      describeDamage(source, pair.theirs, context)
      if (source.writer) describeWriter(source, source.writer, pair.theirs, context)
    })

    it('has a sample with a vendor value that nobody knows', async () => {
      const all = await Promise.all(pairs.map((pair) => readAll(source, [pair.theirs], context)))
      expect(all.flatMap(transactionsIn).some(({ unknownValues }) => unknownValues.length > 0)).toBe(true)
    })

    if (options.hostile) describeHostileInput(source, options.hostile, context)
    if (options.histories) describeVersions(source, options.histories, context)
    if (options.webhook) describeWebhooks(source, options.webhook)
    it('proves its webhooks and its versions where it has them', () => {
      expect(options.webhook !== undefined).toBe(source.webhooks !== undefined)
      expect(options.histories !== undefined).toBe(source.features.identity === 'vendor-fact')
    })
  })
}
