import { expect, it } from 'vitest'
import { chooseServices } from './list.ts'

const names = (chosen: ReturnType<typeof chooseServices>) => chosen?.map((service) => service.name)

it('starts what a service needs before it', () => {
  expect(names(chooseServices(['tryton'], true))).toEqual(['postgres', 'tryton'])
})

it('stops what needs a service with it, and nothing that it needs itself', () => {
  expect(names(chooseServices(['postgres'], false))).toEqual(['postgres', 'tryton'])
  expect(names(chooseServices(['tryton'], false))).toEqual(['tryton'])
})

it('chooses all without a name, and none for a name that there is not', () => {
  expect(names(chooseServices([], true))).toContain('tryton')
  expect(chooseServices(['tryton', 'oracle'], true)).toBeUndefined()
})
