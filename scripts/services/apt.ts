import { runProgram } from './run-program.ts'
import { ServiceMissing } from './service.ts'

const installTimeoutMs = 300_000

/**
 * Runs a command while Debian's packages may not start what they bring: as an administrator's own policy is, or for as long as the
 * command takes. See `/usr/share/doc/sysv-rc/README.policy-rc.d.gz`.
 */
const withoutStarts = `policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
"$@"`

/**
 * Installs Debian packages that are not there yet, as root or by a sudo that asks nothing; no service that they bring is started.
 * Throws `ServiceMissing` with the command to run.
 */
export async function ensurePackages(packages: readonly string[]): Promise<void> {
  const missing = await findMissing(packages)
  if (missing.length === 0) return
  const byHand = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!(await runProgram('apt-get', ['--version'], { timeoutMs: 10_000 })).ok) {
    throw new ServiceMissing(`This machine has no apt-get. These Debian packages are needed: ${missing.join(' ')}`)
  }
  const asRoot = await findWayToRoot()
  if (asRoot === undefined) throw new ServiceMissing(`Packages are missing, and only root can install them: ${byHand}`)
  const apt = (args: readonly string[]) => {
    const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
    const [program = 'sh', ...before] = [...asRoot, 'sh', '-c', withoutStarts, 'sh']
    return runProgram(program, [...before, ...aptGet], { timeoutMs: installTimeoutMs })
  }
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing]
  let installed = await apt(install)
  if (!installed.ok) {
    // A machine that was just set up knows no packages, one that was set up long ago knows versions that are gone.
    await apt(['update', '-q'])
    installed = await apt(install)
  }
  if (!installed.ok) throw new ServiceMissing(`Packages could not be installed (${byHand}):\n${installed.lastWords}`)
}

/** Versions of installed packages, for what is cached and depends on them. */
export async function readVersions(packages: readonly string[]): Promise<string> {
  const shown = await runProgram('dpkg-query', ['-W', '-f', `\${Package} \${Version}\n`, ...packages], {
    timeoutMs: 30_000,
  })
  return shown.stdout
}

export async function findMissing(packages: readonly string[]): Promise<string[]> {
  const shown = await runProgram('dpkg-query', ['-W', '-f', `\${Package} \${db:Status-Status}\n`, ...packages], {
    timeoutMs: 30_000,
  })
  const installed = new Set(
    shown.stdout.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0] ?? ''] : [])),
  )
  return packages.filter((name) => !installed.has(name))
}

async function findWayToRoot(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return []
  const sudo = await runProgram('sudo', ['-n', 'true'], { timeoutMs: 10_000 })
  return sudo.ok ? ['sudo', '-n'] : undefined
}
