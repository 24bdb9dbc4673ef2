import { describe, expect, it } from 'vitest'
import { brokerAddressesOf } from './index.ts'

describe('the addresses of a broker', () => {
  it.each([
    ['kafka', 'kafkas://relay:secret@One:9093,two?mechanism=PLAIN', ['one:9093', 'two:9092']],
    ['rabbitmq', 'amqp://hub:se@cret@Broker/retail', ['broker:5672/retail']],
    ['rabbitmq', 'amqps://hub:secret@broker', ['broker:5671']],
    ['postgres', 'postgres://hub:secret@[::1]:5433/bus?sslmode=require', ['[::1]:5433/bus']],
  ])('of %s are known without user and password', (engine, url, addresses) => {
    expect(brokerAddressesOf(engine, url)).toEqual(addresses)
  })

  it('are not guessed from what is none', () => {
    expect(brokerAddressesOf('rabbitmq', 'secret')).toBeUndefined()
    expect(brokerAddressesOf('kafka', 'secret@')).toBeUndefined()
  })
})
