import type { Command } from 'commander'
import { act } from './act.ts'
import { readPackage } from './package.ts'
import { printJson } from './print.ts'

export function registerAsyncapi(program: Command): void {
  program
    .command('asyncapi')
    .description('Print the AsyncAPI 3.0 document of the events that are published to Kafka and RabbitMQ')
    .addHelpText('after', '\nExamples:\n  tillflow asyncapi > asyncapi.json')
    .action(
      act(async () => {
        const { presentAsyncapi } = await import('../event-contracts/present-asyncapi.ts')
        printJson(presentAsyncapi(readPackage().version))
        return undefined
      }),
    )
}
