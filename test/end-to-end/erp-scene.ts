import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { expect } from 'vitest'
import { readTargetStatus, type TargetStatus } from '../../src/delivery/status.ts'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import { type StartedProcess, startProcess } from '../../src/testing/connector/start-process.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'

const erpScript = join(import.meta.dirname, '../../src/simulator/back-office/reference-erp/main.ts')

/** So long lanes stand still after a kill. */
const shortLeases = { deliveryLeaseMs: 3_000, deliveryAttemptTimeoutMs: 1_500 }

/** What the ERP booked, as it stands in its own file. */
export interface Effect {
  reference: string
  day: string
  total: number
  payments: Record<string, number>
}

/**
 * A hub and an ERP in processes of their own. The hub is stopped, killed and started with other settings, the ERP is restored from a copy
 * of its books; the database outlives both, and is looked at directly wherever it is not the program that is tested.
 */
export class ErpScene {
  readonly directory: string
  readonly #books: string
  readonly #server: TestServer
  readonly #database: TestDatabase
  readonly #token: string
  #erp: StartedProcess
  #hub: HubProcess | undefined

  private constructor(parts: {
    directory: string
    server: TestServer
    database: TestDatabase
    token: string
    erp: StartedProcess
  }) {
    this.directory = parts.directory
    this.#books = booksIn(parts.directory)
    this.#server = parts.server
    this.#database = parts.database
    this.#token = parts.token
    this.#erp = parts.erp
  }

  static async open(name: string): Promise<ErpScene> {
    const directory = mkdtempSync(join(tmpdir(), `tillflow-${name}-`))
    mkdirSync(booksIn(directory))
    const [server, erp] = await Promise.all([startTestServer(), startErp(directory)])
    const database = await server.createDatabase()
    const { token } = await createToken(database.pool, { name: 'tills', scopes: ['transactions:write'] })
    return new ErpScene({ directory, server, database, token, erp })
  }

  get pool(): Pool {
    return this.#database.pool
  }

  get hub(): HubProcess {
    return this.#hub ?? expect.unreachable('the hub was not started')
  }

  /** Settings of a hub with this ERP as its only target; where they are written. */
  writeSettings(target: Record<string, unknown>, settings: Record<string, unknown> = {}, name = 'tillflow'): string {
    const erp = {
      name: 'erp',
      connector: 'reference-erp',
      allowPrivateNetwork: true,
      ...target,
      settings: { url: `http://127.0.0.1:${this.#erp.port}`, ...settings },
    }
    const file = join(this.directory, `${name}.json`)
    writeFileSync(file, JSON.stringify({ ...shortLeases, targets: [erp] }))
    return file
  }

  /** Starts the hub with the settings that were written last. */
  async startHub(): Promise<void> {
    const environment = { TILLFLOW_DATABASE_URL: this.#database.url }
    this.#hub = await HubProcess.start({ directory: this.directory, environment })
  }

  /** Ends the hub with the signal, and waits until it is gone. */
  async stopHub(signal?: NodeJS.Signals): Promise<void> {
    await this.#hub?.stop(signal)
  }

  copyBooks(): void {
    cpSync(this.#books, `${this.#books}-backup`, { recursive: true })
  }

  /** The ERP as it was when its books were copied; at another address, so that the settings are to be written again. */
  async restoreBooks(): Promise<void> {
    await this.#erp.stop()
    rmSync(this.#books, { recursive: true })
    cpSync(`${this.#books}-backup`, this.#books, { recursive: true })
    this.#erp = await startErp(this.directory)
  }

  /** Uploads them at once; returns when the hub has recorded every one. */
  async sell(sales: readonly Transaction[]): Promise<void> {
    const answer = await fetch(`${this.hub.address}/v1/transactions/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/x-ndjson' },
      body: sales.map((one) => `${JSON.stringify(one)}\n`).join(''),
    })
    const lines = (await answer.text()).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual(sales.map(() => 201))
  }

  effects(): Effect[] {
    return readFileSync(join(this.#books, 'effects.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Effect)
  }

  async status(): Promise<TargetStatus | undefined> {
    const [status] = await readTargetStatus(this.pool)
    return status
  }

  /** Waits until so many receipts are delivered, and nothing else is on its way. */
  async delivered(count: number): Promise<void> {
    await expect
      .poll(() => this.status(), { timeout: 60_000 })
      .toMatchObject({ name: 'erp', delivered: count, pending: 0, parked: 0 })
  }

  async close(): Promise<void> {
    await this.stopHub('SIGKILL')
    await this.#erp.kill()
    await this.#database.drop()
    await this.#server.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

const booksIn = (directory: string) => join(directory, 'erp')
const startErp = (directory: string) => startProcess(erpScript, ['--data-directory', booksIn(directory)])

/** A sale that was paid by card: what the trials and wrong mappings of these tests translate differently. */
export function makeCardSale(number: number, changes: Partial<Transaction> = {}): Transaction {
  const sale = makeSale(number, { workstationId: String((number % 3) + 1), ...changes })
  const lines = sale.lines.map((line) =>
    line.lineType === 'TENDER'
      ? {
          lineNumber: line.lineNumber,
          lineType: 'TENDER' as const,
          tenderType: 'CREDIT_DEBIT' as const,
          amount: '5.00',
        }
      : line,
  )
  return { ...sale, lines }
}
