import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Whom a provider knows, and its one client. */
export interface ProviderPlan {
  issuer: string
  /** Address of the hub. */
  hub: string
  clientId: string
  clientSecret: string
  people: Record<string, { name: string; groups: readonly string[]; password?: string; groupsInUserinfoOnly?: true }>
  /** It shows a form and asks for the password; absent: whoever says a name is believed. */
  asksForPassword?: boolean
}

/** Starts `oidc-provider` as a process of its own. */
export async function startProvider(plan: ProviderPlan): Promise<{ stop(): Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'provider-main.ts'), {
    env: { ...process.env, PLAN: JSON.stringify(plan), NODE_OPTIONS: '' },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the provider did not start'))),
  ])
  return {
    stop: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
