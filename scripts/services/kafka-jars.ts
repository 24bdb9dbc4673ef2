import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensurePackages } from './apt.ts'
import { serviceDirectory } from './directories.ts'
import { runProgram } from './run-program.ts'
import { ServiceMissing } from './service.ts'

const pom = join(import.meta.dirname, '../../test/peers/kafka/pom.xml')
/** Pinned: without a version Maven asks for the newest one each time. */
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
const downloadTimeoutMs = 300_000

/** The directory of the broker's jars, if it and a Java are on this machine. */
export async function findKafkaJars(): Promise<string | undefined> {
  const directory = await jarsDirectory()
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  )
  return isThere && (await hasProgram('java', '-version')) ? directory : undefined
}

/** Brings Java, Maven and the broker's jars onto this machine. Throws `ServiceMissing`. */
export async function ensureKafkaJars(): Promise<string> {
  const directory = await jarsDirectory()
  const missing: string[] = []
  if (!(await hasProgram('java', '-version'))) missing.push('openjdk-17-jre-headless')
  const isThere = (await findKafkaJars()) !== undefined
  if (!isThere && !(await hasProgram('mvn', '--version'))) missing.push('maven')
  await ensurePackages(missing)
  if ((await findKafkaJars()) !== undefined) return directory
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const args = ['-q', '-B', '-f', pom, copyDependencies, `-DoutputDirectory=${unfinished}`, '-DincludeScope=runtime']
  const copied = await runProgram('mvn', args, { timeoutMs: downloadTimeoutMs })
  if (!copied.ok) throw new ServiceMissing(`Kafka's jars could not be fetched with Maven:\n${copied.lastWords}`)
  await rename(unfinished, directory)
  return directory
}

/** Named by what is in it, so that another version is another directory. */
async function jarsDirectory(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(pom))
  return join(await serviceDirectory('kafka'), `jars-${hash.digest('hex').slice(0, 12)}`)
}

async function hasProgram(program: string, flag: string): Promise<boolean> {
  return (await runProgram(program, [flag], { timeoutMs: 30_000 })).ok
}
