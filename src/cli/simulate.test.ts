import { Command } from 'commander'
import { afterEach, expect, it, vi } from 'vitest'
import { registerSimulate } from './simulate.ts'

const exitCodeBefore = process.exitCode

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = exitCodeBefore
})

it.each([
  ['--stores', '0'],
  ['--days', '1000'],
  ['--tills', 'many'],
  ['--receipts', '1.5'],
  ['--seed', '-1'],
  ['--first-day', '2026-02-30'],
  ['--faults', 'lots'],
  ['--format', 'nosuch'],
  ['--speed', '10'],
  ['--to', 'nowhere'],
  ['--connections', '0', '--to', 'http://127.0.0.1:1', '--token', 'x'],
  ['--speed', '0', '--to', 'http://127.0.0.1:1', '--token', 'x'],
])('simulate answers %s %s with 2 and what would be right', async (...args) => {
  let told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text)
    return true
  })
  const program = new Command()
  registerSimulate(program)
  await program.parseAsync(['simulate', ...args, '--out', 'data/never'], { from: 'user' })
  expect(process.exitCode).toBe(2)
  expect(told).toContain(args[0])
})
