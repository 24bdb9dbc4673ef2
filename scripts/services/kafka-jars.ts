import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceDirectory } from './directories.ts'
import { ensureJava, hasJava, runMaven } from './java.ts'
import { ServiceMissing } from './service.ts'

const peerDirectory = join(import.meta.dirname, '../../test/peers/kafka')
const pom = join(peerDirectory, 'pom.xml')
/** Maven has no lock file: what the pom brings along must be these files and no others, byte for byte, as `sha256sum` writes them. */
const lock = join(peerDirectory, 'jars.sha256')
/** Pinned: without a version Maven asks for the newest one each time. */
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** The directory of the broker's jars, if it and a Java are on this machine. */
export async function findKafkaJars(): Promise<string | undefined> {
  const directory = await jarsDirectory()
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  )
  return isThere && (await hasJava()) ? directory : undefined
}

/** Brings Java, Maven and the broker's jars onto this machine. Throws `ServiceMissing`. */
export async function ensureKafkaJars(): Promise<string> {
  const directory = await jarsDirectory()
  await ensureJava({ withMaven: (await findKafkaJars()) === undefined })
  if ((await findKafkaJars()) !== undefined) return directory
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const copied = await runMaven([
    '-f',
    pom,
    copyDependencies,
    `-DoutputDirectory=${unfinished}`,
    '-DincludeScope=runtime',
  ])
  if (!copied.ok) throw new ServiceMissing(`Kafka's jars could not be fetched with Maven:\n${copied.lastWords}`)
  const strange = await findStrangeJars(unfinished, await readFile(lock, 'utf8'))
  if (strange.length > 0)
    throw new ServiceMissing(`Kafka's jars are not those of test/peers/kafka/jars.sha256: ${strange.join(', ')}`)
  await rename(unfinished, directory)
  return directory
}

/** Files of a directory that the lock does not know or knows with another content, and those that are not there. */
export async function findStrangeJars(directory: string, locked: string): Promise<string[]> {
  const wanted = new Map(
    locked
      .trim()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  )
  const found = await readdir(directory)
  const strange: string[] = []
  for (const name of found) {
    const hash = createHash('sha256').update(await readFile(join(directory, name)))
    if (hash.digest('hex') !== wanted.get(name)) strange.push(name)
  }
  return [...strange, ...[...wanted.keys()].filter((name) => !found.includes(name))]
}

/** Named by what is in it, so that another version is another directory. */
async function jarsDirectory(): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .update(await readFile(lock))
  return join(await serviceDirectory('kafka'), `jars-${hash.digest('hex').slice(0, 12)}`)
}
