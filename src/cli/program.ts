import { Command } from 'commander'
import { registerAnonymise } from './anonymise.ts'
import { registerAsyncapi } from './asyncapi.ts'
import { registerAudit } from './audit.ts'
import { registerBreakGlass } from './break-glass.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { registerDrain } from './drain.ts'
import { registerErase } from './erase.ts'
import { exitCodes } from './exit-codes.ts'
import { registerExport } from './export.ts'
import { guardWords } from './guard-words.ts'
import { registerHold } from './hold.ts'
import { registerKey } from './key.ts'
import { registerLanes } from './lanes.ts'
import { registerMachine } from './machine.ts'
import { registerMigrate } from './migrate.ts'
import { registerNewConnector, registerNewSource } from './new-room.ts'
import { registerOpenapi } from './openapi.ts'
import { readPackage } from './package.ts'
import { registerPause } from './pause.ts'
import { registerPeople } from './people.ts'
import { registerRead } from './read.ts'
import { registerReplay } from './replay.ts'
import { registerResume } from './resume.ts'
import { registerRetry } from './retry.ts'
import { registerSend } from './send.ts'
import { registerSessions } from './sessions.ts'
import { registerSettings } from './settings.ts'
import { registerShadow } from './shadow.ts'
import { registerShow } from './show.ts'
import { registerSimulate } from './simulate.ts'
import { registerStart } from './start.ts'
import { registerStatus } from './status.ts'
import { registerTill } from './till.ts'
import { registerToken } from './token.ts'
import { registerWatch } from './watch.ts'

/** Every command, in the order in which a newcomer meets them. What a command needs is loaded when it runs. */
export function createProgram(): Command {
  const { version, description } = readPackage()
  const program = new Command('tillflow')
    .description(description)
    .version(version)
    .showHelpAfterError('(tillflow --help lists the commands)')
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    })
  for (const register of [
    registerDemo,
    registerStart,
    registerRead,
    registerAnonymise,
    registerSend,
    registerWatch,
    registerSimulate,
    registerStatus,
    registerShow,
    registerLanes,
    registerRetry,
    registerReplay,
    registerPause,
    registerDrain,
    registerResume,
    registerShadow,
    registerErase,
    registerExport,
    registerHold,
    registerToken,
    registerAudit,
    registerPeople,
    registerTill,
    registerMachine,
    registerSessions,
    registerBreakGlass,
    registerKey,
    registerSettings,
    registerAsyncapi,
    registerOpenapi,
    registerDoctor,
    registerMigrate,
    registerNewConnector,
    registerNewSource,
  ]) {
    register(program)
  }
  return program.hook('preAction', guardWords)
}
