import { type DestinationStream, destination, pino } from 'pino'
import type { Logger } from '../contract/logger.ts'
import { errorFields } from './error-fields.ts'

export interface LoggerOptions {
  level: string
  name: string
  /** Default: JSON lines on standard error, so that standard output stays free for data. */
  stream?: DestinationStream
}

const redactedNames = [
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'masterKey',
  'databaseUrl',
]

/** Whatever a field of such a name holds does not belong into a log; pino looks as deep as the paths say. */
const redactedPaths = redactedNames.flatMap((name) => ['', '*.', '*.*.', '*.*.*.'].map((depth) => `${depth}${name}`))

export function createLogger({ level, name, stream }: LoggerOptions): Logger {
  const options = {
    level,
    name,
    redact: { paths: [...redactedPaths, '*["set-cookie"]', '*["x-api-key"]'], censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: errorFields, err: errorFields },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, stream ?? destination({ fd: 2, sync: false }))
}
