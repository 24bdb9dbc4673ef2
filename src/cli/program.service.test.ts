import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CommandProcess } from '../../test/command-process.ts'
import { type Finished, runTillflow } from '../../test/launch-tillflow.ts'
import { makeSale } from '../testing/receipts.ts'
import { createProgram } from './program.ts'

const main = join(import.meta.dirname, '../main.ts')
const directory = mkdtempSync(join(tmpdir(), 'tillflow-cli-'))
const commandProcess = new CommandProcess({ directory })
afterAll(async () => {
  await commandProcess.stop()
  rmSync(directory, { recursive: true })
})

const ndjson = join(directory, 'day.ndjson')
writeFileSync(ndjson, [makeSale(1), makeSale(2)].map((one) => `${JSON.stringify(one)}\n`).join(''))

/** What a command says and answers, in an empty directory with none of our settings. */
const said = (args: string[], environment: Record<string, string> = {}): Promise<Finished> =>
  commandProcess.run(args, environment)

/** Runs the program as a user does: in a process of its own. */
const tillflow = (args: string[], environment: Record<string, string> = {}, nodeArguments: string[] = []) =>
  runTillflow(args, { directory, environment, nodeArguments })

/** Names every module that is loaded on standard error. */
const hook =
  'import { registerHooks } from "node:module";registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context) } })'

const commands = createProgram().commands.map((command) => command.name())

describe('the program', () => {
  it('says its version', async () => {
    expect((await tillflow(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('has no colour, no terminal codes and no data on standard error when nobody looks', async () => {
    for (const args of [['settings'], ['read', ndjson], ['doctor'], ['read', '--help']]) {
      const { stdout, stderr } = await tillflow(args)
      expect(stdout).not.toContain('\x1b')
      expect(stderr).toBe('')
    }
  })

  it('answers alike in a process of its own and in one that runs a command after the other', async () => {
    for (const args of [['nosuch'], ['settings', '--json'], ['read', '--help'], ['status', '--json']])
      expect(await said(args)).toEqual(await tillflow(args))
  })

  it.each(commands)('explains %s', async (command) => {
    const { code, stdout, stderr } = await said([command, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Usage: tillflow ${command}`)
  })

  it.each([[['nosuch']], [['read']], [['settings', '--nosuch']], [[]]])('answers a misuse %j with 2', async (args) => {
    const { code, stdout, stderr } = await said(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })

  it('refuses an old Node.js in a sentence, before it loads anything else', async () => {
    const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.18.0" } });'
    const { code, stdout, stderr } = await tillflow(['--help'], {}, [
      '--import',
      `data:text/javascript,${older}${hook}`,
    ])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('needs Node.js 24, this is 22.18.0 (node-too-old)')
    expect(stderr.match(/file:.*/g)).toEqual([expect.stringMatching(/src\/main\.ts$/)])
  })

  it('loads neither server, driver nor telemetry for commands that need none', async () => {
    for (const args of [['--help'], ['settings'], ['read', ndjson]]) {
      const { code, stderr } = await tillflow(args, {}, ['--import', `data:text/javascript,${hook}`])
      expect(code).toBe(0)
      expect(stderr).toContain('src/cli/program.ts')
      expect(stderr).not.toMatch(/node_modules\/(fastify|pg|pino|undici|@opentelemetry)\//)
    }
  })

  it('ends quietly when its reader does', async () => {
    const child = spawn(process.execPath, [main, 'settings', '--json'], { cwd: directory, env: {} })
    child.stdout.destroy()
    let told = ''
    child.stderr.on('data', (text) => {
      told += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect([told, code]).toEqual(['', 0])
  })
})

describe('tillflow settings', () => {
  it('prints every setting, with where it comes from and without secrets', async () => {
    const { stdout } = await said(['settings', '--json'], {
      TILLFLOW_MASTER_KEY: 'hunter2',
      TILLFLOW_HTTP_PORT: '81',
    })
    const listed = JSON.parse(stdout)
    expect(stdout).not.toContain('hunter2')
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'masterKey', value: '[redacted]', origin: 'environment' }),
    )
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'httpPort', value: '81', default: '7070', unit: 'port' }),
    )
  })

  it('answers a wrong one with 2 and a problem object', async () => {
    const { code, stdout, stderr } = await said(['settings', '--json'], { TILLFLOW_HTTP_PROT: '1' })
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'settings-invalid',
      detail: expect.stringContaining('Did you mean'),
    })
  })
})

describe('tillflow read', () => {
  it('prints an array of files and transactions', async () => {
    const { code, stdout } = await said(['read', ndjson, '--json', '--source', 'tillflow'])
    expect(code).toBe(0)
    const [file, ...others] = JSON.parse(stdout)
    expect(others).toEqual([])
    expect(file).toMatchObject({ file: ndjson, source: 'tillflow' })
    expect(file.transactions.map((one: { transaction: object }) => one.transaction)).toMatchObject([
      { sequenceNumber: 1 },
      { sequenceNumber: 2 },
    ])
  })

  it('reads the other files when one is refused, and answers 6', async () => {
    const odd = join(directory, 'odd.bin')
    writeFileSync(odd, Buffer.from([0, 1, 2, 3]))
    const absent = join(directory, 'absent.xml')
    const { code, stdout } = await said(['read', absent, odd, ndjson, '--json'])
    expect(code).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject([
      { file: absent, source: null, transactions: [], refused: { code: 'not-found' } },
      { file: odd, source: null, transactions: [], refused: { code: 'unknown-source' } },
      { file: ndjson, source: 'tillflow', transactions: [{}, {}] },
    ])
  })

  it('answers 6 for one line that is refused between others', async () => {
    const file = join(directory, 'broken.ndjson')
    writeFileSync(file, `${JSON.stringify(makeSale(1))}\n{"a":\n${JSON.stringify(makeSale(2))}\n`)
    const { code, stdout } = await said(['read', file, '--json', '--source', 'tillflow'])
    expect(code).toBe(6)
    expect(JSON.parse(stdout)[0].transactions).toMatchObject([
      { transaction: {} },
      { problem: {}, refused: true },
      { transaction: {} },
    ])
  })

  it('knows no time zone that is none', async () => {
    const { code, stderr } = await said(['read', ndjson, '--zone', 'Mars/Base'])
    expect(code).toBe(2)
    expect(stderr).toContain('defaultTimeZone must be an IANA time zone')
  })
})

describe('tillflow doctor', () => {
  it('looks without leaving a trace', async () => {
    const before = readdirSync(directory)
    const { stdout } = await said(['doctor', '--json'])
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'data directory', ok: true }))
    expect(readdirSync(directory)).toEqual(before)
  })

  it('finds a directory that cannot be, a port that is taken, an address that is not ours, and settings that are wrong', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    const examined = async (environment: Record<string, string>) => {
      const { code, stdout } = await said(['doctor', '--json'], environment)
      return { code, checks: JSON.parse(stdout) as { name: string; ok: boolean; detail: string }[] }
    }
    const under = await examined({ TILLFLOW_DATA_DIRECTORY: join(file, 'data'), TILLFLOW_HTTP_PORT: String(port) })
    expect(under.code).toBe(1)
    expect(under.checks).toContainEqual(expect.objectContaining({ name: 'data directory', ok: false }))
    expect(under.checks.find(({ name }) => name === 'port')?.detail).toContain('taken')
    server.close()
    const elsewhere = await examined({ TILLFLOW_HTTP_HOST: '192.0.2.1' })
    expect(elsewhere.checks).toContainEqual(expect.objectContaining({ name: 'port', ok: false }))
    const wrong = await examined({ TILLFLOW_HTTP_PORT: 'x' })
    expect([wrong.code, wrong.checks.filter(({ ok }) => !ok).map(({ name }) => name)]).toEqual([1, ['settings']])
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })
})

describe('a command that needs a hub', () => {
  it('says that none runs here, and how to start one', async () => {
    const { code, stderr } = await said(['status'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/hub-not-running.*next: Start one with tillflow start/s)
  })

  it('says that the database does not answer, without its password', async () => {
    const environment = { TILLFLOW_DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/d' }
    const { code, stderr } = await said(['status', '--json'], environment)
    expect(code).toBe(3)
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'hub-not-running',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
    expect(stderr).not.toContain('hunter2')
  })
})

describe('a weak secret', () => {
  it('finds a secret that everybody knows, as start does, and shows it to nobody', async () => {
    const environment = { TILLFLOW_DATABASE_URL: 'postgres://hub:changeme@db.example.com/hub', TILLFLOW_HTTP_PORT: '0' }
    const started = await tillflow(['start'], environment)
    expect(started.code).not.toBe(0)
    expect(started.stderr).toContain('secret-too-weak')
    const file = join(directory, 'database-url')
    writeFileSync(file, 'postgres://hub:changeme@127.0.0.1:1/hub')
    const examined = async (more: Record<string, string>) => {
      const { stdout } = await said(['doctor', '--json'], more)
      expect(stdout).not.toContain('changeme')
      return (JSON.parse(stdout) as { name: string; ok: boolean }[]).find(({ name }) => name === 'secrets')?.ok
    }
    expect(started.stdout + started.stderr).not.toContain('changeme')
    expect(await examined({ TILLFLOW_DATABASE_URL: `file:${file}` })).toBe(true)
    const apiKey = (key: string) => ({
      TILLFLOW_TARGETS: JSON.stringify([
        { name: 'erp', connector: 'reference-erp', settings: { url: 'https://erp.example.com', apiKey: key } },
      ]),
    })
    expect(await examined(apiKey('short'))).toBe(false)
    expect(await examined({ ...apiKey('short'), TILLFLOW_EVALUATION: 'true' })).toBe(true)
    expect(await examined(apiKey('q7Vd0pXw2LkZr9TnYc5B'))).toBe(true)
  })
})
