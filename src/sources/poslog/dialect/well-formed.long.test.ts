import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { arbitraryTransaction } from '../../../testing/arbitrary-transaction.ts'
import { testStore } from '../../../testing/receipts.ts'
import { writer } from './write.ts'

/** Parsers that this project did not write and does not read with; the first that the machine has. */
const parsers: readonly [command: string, args: readonly string[]][] = [
  ['xmllint', ['--noout', '--nonet', '-']],
  ['python3', ['-c', 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.stdin.buffer)']],
]

function accepts([command, args]: (typeof parsers)[number], document: string): boolean {
  return spawnSync(command, args, { input: document, encoding: 'utf8' }).status === 0
}

const parser = parsers.find((one) => accepts(one, '<a/>'))
if (!parser)
  console.warn('SKIPPED: neither xmllint nor python3 is here, so nobody else parsed what the POSLog writer wrote.')

it.skipIf(!parser)('is well-formed for a parser of others', () => {
  if (!parser) return
  expect(accepts(parser, '<a b="1" b="2"/>')).toBe(false)
  const samples = fc.sample(arbitraryTransaction(), { numRuns: 200, seed: 20_260_302 })
  expect(accepts(parser, writer.writeDocument(samples, { store: () => testStore }))).toBe(true)
})
