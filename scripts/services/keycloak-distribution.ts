import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import distribution from '../../test/peers/keycloak/distribution.json' with { type: 'json' }
import { ensurePackages } from './apt.ts'
import { serviceDirectory } from './directories.ts'
import { ensureJava, hasJava, runMaven } from './java.ts'
import { runProgram } from './run-program.ts'
import { ServiceMissing } from './service.ts'

/** Pinned: without a version Maven asks for the newest one each time. */
const copyArtifact = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'
const unpackTimeoutMs = 60_000
const buildTimeoutMs = 180_000

/** Keycloak's own directory, if it and a Java are on this machine. */
export async function findKeycloak(): Promise<string | undefined> {
  const home = await homeDirectory()
  const isThere = await stat(home).then(
    () => true,
    () => false,
  )
  return isThere && (await hasJava()) ? home : undefined
}

/** Brings Java, Maven and Keycloak onto this machine, once; built for how it is started here. Throws `ServiceMissing`. */
export async function ensureKeycloak(): Promise<string> {
  const home = await homeDirectory()
  await ensureJava({ withMaven: (await findKeycloak()) === undefined })
  if ((await findKeycloak()) !== undefined) return home
  const unfinished = `${home}.unfinished`
  await ensurePackages(['unzip'])
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  await fetchDistribution(unfinished)
  const unpacked = join(unfinished, `keycloak-${distribution.version}`)
  await build(unpacked)
  await rename(unpacked, home)
  await rm(unfinished, { recursive: true })
  return home
}

/** The zip is 177 MB and stays in Maven's own cache; it is looked at before it is unpacked. */
async function fetchDistribution(directory: string): Promise<void> {
  const { groupId, artifactId, version, sha256 } = distribution
  const artifact = `-Dartifact=${groupId}:${artifactId}:${version}:zip`
  const copied = await runMaven([copyArtifact, artifact, `-DoutputDirectory=${directory}`])
  if (!copied.ok) throw new ServiceMissing(`Keycloak could not be fetched with Maven:\n${copied.lastWords}`)
  const zip = join(directory, `${artifactId}-${version}.zip`)
  const hash = createHash('sha256').update(await readFile(zip))
  if (hash.digest('hex') !== sha256)
    throw new ServiceMissing(`${artifactId}-${version}.zip is not that of test/peers/keycloak/distribution.json`)
  const unpacked = await runProgram('unzip', ['-q', zip, '-d', directory], { timeoutMs: unpackTimeoutMs })
  if (!unpacked.ok) throw new ServiceMissing(`Keycloak could not be unpacked:\n${unpacked.lastWords}`)
}

/** What a start would otherwise find out each time: it is then up in a third of the time. */
async function build(home: string): Promise<void> {
  const built = await runProgram('bash', [join(home, 'bin/kc.sh'), 'build', ...distribution.build], {
    timeoutMs: buildTimeoutMs,
  })
  if (!built.ok) throw new ServiceMissing(`Keycloak could not be built:\n${built.lastWords}`)
}

/** Named by what is in it, so that another version or another build is another directory. */
async function homeDirectory(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(distribution))
  return join(await serviceDirectory('keycloak'), `keycloak-${hash.digest('hex').slice(0, 12)}`)
}
