import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson } from './print.ts'

export function registerOpenapi(program: Command): void {
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document of the HTTP API; a hub serves it at /v1/openapi.json')
    .addHelpText('after', '\nExamples:\n  tillflow openapi > openapi.json')
    .action(
      act(async () => {
        const { presentOpenapi } = await import('../http/openapi/present-openapi.ts')
        printJson(await presentOpenapi())
        return undefined
      }),
    )
}
