/** The part of pino that our code uses: fields first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Logger
}

const silence = () => {}

export const silentLogger: Logger = {
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
  child: () => silentLogger,
}
