import { describe, expect, it } from 'vitest'
import type { Connection, Connector, ConnectorSettings, DeliveryEvent } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { isProblem } from '../contract/problem.ts'
import { describeHttpAnswers, type HttpTarget } from './connector/http-answers.ts'
import { describeTranslation, type SentAmounts, type TranslationSamples } from './connector/translation.ts'

export { describeRealTarget } from './connector/real-target.ts'
export { type StartedProcess, startProcess } from './connector/start-process.ts'

export interface ConnectorConformance {
  /** Settings that connect; what is secret in them must not be seen again. */
  settings: ConnectorSettings
  samples: TranslationSamples
  amountsOf(sent: unknown, event: DeliveryEvent): SentAmounts
  /** For connectors that speak HTTP. */
  http?: HttpTarget
}

/**
 * The one suite that every connector passes: translation against its samples and to the cent, every kind of answer, keys,
 * secrets, settings. `describeRealTarget` is its second half, on the thing itself.
 */
export function describeConnectorConformance(connector: Connector, conformance: ConnectorConformance): void {
  const { settings, http } = conformance
  const connect = (): Connection => connector.connect(settings, { logger: silentLogger, allowPrivateNetwork: true })
  const secrets = connector.settings
    .filter((setting) => setting.kind === 'secret' && settings[setting.name] !== undefined)
    .map((setting) => String(settings[setting.name]))

  describe(`the connector ${connector.name}`, () => {
    describeTranslation(connect, conformance.samples, conformance.amountsOf)
    if (http) describeHttpAnswers(connect, http, secrets)
    describeSettings(connector, settings, secrets)

    it('promises a look-up exactly when it has one', () => {
      const { features, findPosting } = connect()
      expect(features.lookUp).toBe(findPosting !== undefined)
    })
  })
}

function describeSettings(connector: Connector, settings: ConnectorSettings, secrets: readonly string[]): void {
  const urls = connector.settings.filter((setting) => setting.kind === 'url').map((setting) => setting.name)
  const refusalOf = (changed: ConnectorSettings, allowPrivateNetwork: boolean): unknown => {
    try {
      connector.connect(changed, { logger: silentLogger, allowPrivateNetwork })
      return undefined
    } catch (error) {
      return error
    }
  }

  describe('settings', () => {
    it('are named once and have a default of their kind', () => {
      const names = connector.settings.map((setting) => setting.name)
      expect(new Set(names).size).toBe(names.length)
      for (const { kind, choices, default: value } of connector.settings) {
        if (kind === 'choice') expect(choices).toContain(value)
        if (kind === 'secret') expect(value).toBeUndefined()
      }
    })

    it.each(urls)('%s is refused at save where it leads into the private network', (name) => {
      for (const url of [
        'https://127.0.0.1/',
        'https://0x7f.1/',
        'https://[::ffff:10.0.0.1]/',
        'https://localhost./',
      ]) {
        const refusal = refusalOf({ ...settings, [name]: url }, false)
        expect(isProblem(refusal) && refusal.code).toBe('target-not-allowed')
      }
      const metadata = refusalOf({ ...settings, [name]: 'http://169.254.169.254/' }, true)
      expect(isProblem(metadata) && metadata.code).toBe('target-not-allowed')
    })

    it('do not show a secret when they are refused', () => {
      for (const [name, value] of Object.entries(settings)) {
        const refusal = refusalOf({ ...settings, [name]: `${value}\u0000wrong` }, false)
        for (const secret of secrets) expect(String(refusal)).not.toContain(secret)
      }
    })
  })
}
