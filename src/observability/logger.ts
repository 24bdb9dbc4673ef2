import { type DestinationStream, destination, pino } from 'pino'
import type { Logger } from '../contract/logger.ts'

export interface LoggerOptions {
  level: string
  name: string
  /** Default: JSON lines on standard error, so that standard output stays free for data. */
  stream?: DestinationStream
}

/** Whatever a field of such a name holds does not belong into a log. */
const redactedPaths = ['authorization', 'password', 'secret', 'token', 'cookie', 'masterKey', 'databaseUrl'].flatMap(
  (name) => [name, `*.${name}`, `*.*.${name}`],
)

export function createLogger({ level, name, stream }: LoggerOptions): Logger {
  const options = {
    level,
    name,
    redact: { paths: redactedPaths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, stream ?? destination({ fd: 2, sync: false }))
}
