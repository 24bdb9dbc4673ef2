import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataDirectory } from './hub-lock.ts'

describe('lockDataDirectory', () => {
  let dataDirectory: string
  let child: ChildProcess | undefined

  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'tillflow-lock-'))
  })
  afterEach(async () => {
    child?.kill('SIGKILL')
    child = undefined
    await rm(dataDirectory, { recursive: true, force: true })
  })

  const lockInChild = async (): Promise<ChildProcess> => {
    const module = new URL('hub-lock.ts', import.meta.url).href
    const script = `import { lockDataDirectory } from '${module}'
      await lockDataDirectory(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000)`
    child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (child.stdout) await once(child.stdout, 'data')
    return child
  }
  const lockFile = () => join(dataDirectory, 'hub.lock')
  const heldBy = async () => JSON.parse(await readFile(lockFile(), 'utf8')).pid as number

  it('refuses a second hub and names the first', async () => {
    const { pid } = await lockInChild()
    await expect(lockDataDirectory(dataDirectory)).rejects.toMatchObject({
      code: 'data-directory-in-use',
      message: expect.stringContaining(`pid ${pid}`),
    })
    expect(await heldBy()).toBe(pid)
  })

  it('takes over the lock of a killed hub', async () => {
    const killed = await lockInChild()
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await lockDataDirectory(dataDirectory)
    expect(await heldBy()).toBe(process.pid)
  })

  it.runIf(process.platform === 'linux')(
    'is not blocked by another program that got the pid of a killed hub',
    async () => {
      await writeFile(lockFile(), JSON.stringify({ pid: process.pid, startedAt: 'another-boot/1', token: 'old' }))
      await lockDataDirectory(dataDirectory)
      expect(await readFile(lockFile(), 'utf8')).not.toContain('another-boot')
    },
  )

  it('takes over a lock that a power cut left empty', async () => {
    await writeFile(lockFile(), '')
    await lockDataDirectory(dataDirectory)
    expect(await heldBy()).toBe(process.pid)
  })

  it('takes over although another was killed while it took over', async () => {
    const gone = JSON.stringify({ pid: 2 ** 30, token: 'gone' })
    await writeFile(lockFile(), gone)
    await writeFile(`${lockFile()}.takeover`, gone)
    await lockDataDirectory(dataDirectory)
    expect(await heldBy()).toBe(process.pid)
  })

  it('lets exactly one of many win a stale lock, and leaves no other file', async () => {
    await writeFile(lockFile(), JSON.stringify({ pid: 2 ** 30, token: 'gone' }))
    const attempts = await Promise.allSettled(Array.from({ length: 30 }, () => lockDataDirectory(dataDirectory)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(dataDirectory)).toEqual(['hub.lock'])
  })

  it('is free again after release, and a second release does not touch the next lock', async () => {
    const first = await lockDataDirectory(dataDirectory)
    await first.release()
    await lockDataDirectory(dataDirectory)
    await first.release()
    expect(await heldBy()).toBe(process.pid)
  })
})
