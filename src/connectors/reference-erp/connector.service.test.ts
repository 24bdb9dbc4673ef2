import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { describeRealTarget, startProcess } from '../../testing/connector-conformance.ts'
import { referenceErp } from './connector.ts'

const erp = join(import.meta.dirname, '../../simulator/back-office/reference-erp/main.ts')

for (const idempotent of [true, false]) {
  describe(idempotent ? 'with idempotency' : 'without idempotency', () => {
    describeRealTarget(referenceErp, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'tillflow-erp-'))
      const args = ['--data-directory', directory, '--idempotent', String(idempotent), '--api-key', 'abc-123']
      const started = await startProcess(erp, args)
      const origin = `http://127.0.0.1:${started.port}`
      const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 10_000 })
      return {
        settings: { url: origin, apiKey: 'abc-123', idempotent },
        fetch: guarded,
        countEffects: async () =>
          ((await (await fetch(`${origin}/admin/counts`)).json()) as { effects: number }).effects,
        loseAnswers: async (lose) => {
          await fetch(`${origin}/admin/faults`, {
            method: 'PUT',
            body: JSON.stringify({ answerLostRate: lose ? 1 : 0 }),
          })
        },
        stop: async () => {
          await guarded.close()
          await started.stop()
          await rm(directory, { recursive: true })
        },
      }
    })
  })
}
