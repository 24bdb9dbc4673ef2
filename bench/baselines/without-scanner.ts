import { registerHooks } from 'node:module'

const scanner = /\/card-numbers\/(?:mask-card-numbers|sensitive-data)\.ts$/

/** For `--import`: the server's guards look at nothing. The hub itself has no setting for that. */
registerHooks({
  resolve: (specifier, context, next) =>
    scanner.test(specifier) && context.parentURL?.includes('/src/http/')
      ? next(new URL('unscanned.ts', import.meta.url).href, context)
      : next(specifier, context),
})
