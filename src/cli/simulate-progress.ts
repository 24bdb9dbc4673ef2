import type { SimulationCounts } from '../simulator/simulation.ts'

const redrawMs = 200

/** Shows how far a simulation is: one line on a terminal, nothing where nobody looks. */
export class SimulateProgress {
  readonly #startedAtMs = Date.now()
  readonly #terminal: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }
  #drawnAtMs = 0

  constructor(terminal: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean } = process.stderr) {
    this.#terminal = terminal
  }

  show({ transactions, receipts }: SimulationCounts, day: string, more = ''): void {
    const now = Date.now()
    if (!this.#terminal.isTTY || now - this.#drawnAtMs < redrawMs) return
    this.#drawnAtMs = now
    const seconds = Math.max(0.001, (now - this.#startedAtMs) / 1_000)
    const rate = Math.round(transactions / seconds)
    this.#terminal.write(`\r${day}  ${transactions} transactions, ${receipts} receipts, ${rate}/s${more}\x1b[K`)
  }

  end(): void {
    if (this.#terminal.isTTY && this.#drawnAtMs > 0) this.#terminal.write('\r\x1b[K')
  }
}
