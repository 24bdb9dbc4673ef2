import type { Client } from '../identity/clients.ts'
import { actor } from './actor.ts'
import { printJson, printLine, printTable } from './print.ts'
import { withIdentity } from './with-identity.ts'

/** The tills or the machines, newest first. */
export function listRegistered(kind: Client['kind']) {
  return async ({ json }: { json?: boolean }): Promise<undefined> => {
    const { listClients } = await import('../identity/clients.ts')
    printClients(await withIdentity((pool) => listClients(pool, kind)), json)
    return undefined
  }
}

/** Revokes a till or a machine by its client id. */
export async function revokeRegistered(id: string, options: { reason?: string; json?: boolean }): Promise<undefined> {
  const { revokeClient } = await import('../identity/clients.ts')
  const { reason, json } = options
  const words = { actor: actor(), ...(reason !== undefined && { reason }) }
  const { clientId, name } = await withIdentity((pool) => revokeClient(pool, id, words))
  if (json) printJson({ clientId, revoked: true })
  else printLine(`${name} is revoked; every process knows within 30 s`)
  return undefined
}

function printClients(clients: readonly Client[], json: boolean | undefined): void {
  if (json) {
    printJson(clients)
    return
  }
  const date = (at: Date | undefined) => at?.toISOString().slice(0, 16) ?? '-'
  const rows = clients.map((one) => [
    one.clientId,
    one.name,
    String(one.stores ?? '*'),
    one.scopes.join(','),
    one.binding,
    date(one.createdAt),
    date(one.revokedAt),
  ])
  printTable(['CLIENT', 'NAME', 'STORES', 'SCOPES', 'BOUND TO', 'SINCE', 'REVOKED'], rows)
}
