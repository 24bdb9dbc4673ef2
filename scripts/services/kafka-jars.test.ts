import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findStrangeJars } from './kafka-jars.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-jars-'))
  for (const name of ['broker-1.jar', 'codec-2.jar']) await writeFile(join(directory, name), name)
})
afterAll(() => rm(directory, { recursive: true }))

const line = (name: string, content = name) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`
const whole = line('broker-1.jar') + line('codec-2.jar')

it.each<[string, string, string[]]>([
  ['as locked', whole, []],
  ['with another content', line('broker-1.jar', 'other') + line('codec-2.jar'), ['broker-1.jar']],
  ['that nobody asked for', line('broker-1.jar'), ['codec-2.jar']],
  ['that are not there', `${whole}${line('log-3.jar')}`, ['log-3.jar']],
])('jars %s', async (_name, locked, strange) => {
  expect(await findStrangeJars(directory, locked)).toEqual(strange)
})
