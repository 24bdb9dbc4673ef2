import type { TargetStatus } from '../src/delivery/status.ts'

/** How far the targets of a running hub are, without a process for each look. The token must be for `admin:read`. */
export async function askForTargets(address: string, token: string): Promise<readonly TargetStatus[]> {
  const answer = await fetch(`${address}/v1/targets`, { headers: { authorization: `Bearer ${token}` } })
  if (answer.status !== 200) throw new Error(`the hub answers ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { targets: TargetStatus[] }).targets
}
