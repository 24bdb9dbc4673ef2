import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HubProcess } from '../hub-process.ts'
import type { HowTo } from './how-to.ts'
import type { Provider } from './providers/provider.ts'

/**
 * A hub in a process of its own, with the settings of the how-to and what only this provider and this machine need. Its only target
 * is a folder.
 */
export async function startHub(directory: string, howTo: HowTo, provider: Provider): Promise<HubProcess> {
  const [settings] = howTo.json<Record<string, unknown>>('Tell the hub')
  const secretFile = join(directory, 'client-secret')
  await writeFile(secretFile, provider.clientSecret ?? '', { mode: 0o600 })
  const ours = {
    ...provider.settings,
    signInClientSecret: provider.clientSecret === undefined ? '' : `file:${secretFile}`,
    signInAllowPrivateNetwork: true,
    targets: [{ name: 'archive', connector: 'file', settings: { directory: join(directory, 'archive') } }],
  }
  await writeFile(join(directory, 'tillflow.json'), JSON.stringify({ ...settings, ...ours }))
  const { port } = new URL(howTo.hubAddress)
  return HubProcess.start({ directory, environment: { TILLFLOW_HTTP_PORT: port } })
}
