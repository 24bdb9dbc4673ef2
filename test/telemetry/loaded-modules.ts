/**
 * Preloaded into a process: writes the OpenTelemetry packages that it loads into the file that LOADED_MODULES_FILE names, one
 * a line, as it loads them.
 */
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const seen = new Set<string>()
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /\/node_modules\/(@opentelemetry\/[^/]+)\//.exec(url) ?? []
    if (name !== undefined && !seen.has(name)) {
      seen.add(name)
      appendFileSync(process.env.LOADED_MODULES_FILE ?? '', `${name}\n`)
    }
    return nextLoad(url, context)
  },
})
