import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { describeRealTarget, startProcess } from '../../testing/connector-conformance.ts'
import { webhook } from './connector.ts'

const receiver = join(import.meta.dirname, '../../simulator/back-office/webhook-receiver/main.ts')
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describeRealTarget(webhook, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-webhook-'))
  const started = await startProcess(receiver, ['--data-directory', directory, '--key', secret])
  const origin = `http://127.0.0.1:${started.port}`
  const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 10_000 })
  return {
    settings: { url: `${origin}/hook`, secret },
    fetch: guarded,
    countEffects: async () => ((await (await fetch(`${origin}/admin/counts`)).json()) as { effects: number }).effects,
    loseAnswers: async (lose) => {
      await fetch(`${origin}/admin/faults`, { method: 'PUT', body: JSON.stringify({ answerLostRate: lose ? 1 : 0 }) })
    },
    stop: async () => {
      await guarded.close()
      await started.stop()
      await rm(directory, { recursive: true })
    },
  }
})
