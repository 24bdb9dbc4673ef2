import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Rises when what the services keep on disk changes its form; the old directory is then nobody's any more. */
const layoutVersion = 1

/**
 * Where a service keeps its state and what it has cached, outside the repository so that every checkout shares it. As root it lies
 * where PostgreSQL's unprivileged account can pass through.
 */
export async function serviceDirectory(name: string): Promise<string> {
  const root =
    process.getuid?.() === 0
      ? '/var/lib/tillflow'
      : join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'tillflow')
  const directory = join(root, `services-${layoutVersion}`, name)
  await mkdir(directory, { recursive: true, mode: 0o711 })
  return directory
}
