import { expect, it } from 'vitest'
import { Slots } from './slots.ts'

it('are given to those in line when there are more of them, and not when there are fewer', async () => {
  const slots = new Slots()
  expect(await slots.take()).toBe(false)
  slots.resize(2)
  expect([await slots.take(), await slots.take()]).toEqual([true, true])
  const [third, fourth] = [slots.take(), slots.take()]
  slots.resize(3)
  expect(await third).toBe(true)
  slots.resize(1)
  expect(slots.ceiling).toBe(3)
  slots.give()
  slots.give()
  expect(slots.ceiling).toBe(1)
  slots.give()
  expect(await fourth).toBe(true)
})

it('let nobody wait in vain when there are none any more', async () => {
  const slots = new Slots()
  slots.resize(1)
  await slots.take()
  const second = slots.take()
  slots.resize(0)
  expect(await second).toBe(false)
})
