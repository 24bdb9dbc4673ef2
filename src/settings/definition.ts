import type { Secret } from './secret.ts'

/** Where a setting stands in the reference. */
export type SettingGroup =
  | 'Installation'
  | 'Database'
  | 'HTTP'
  | 'Identity'
  | 'Sign-in'
  | 'Intake'
  | 'Delivery'
  | 'Bus'
  | 'Audit'
  | 'Telemetry'
  | 'Keys'
  | 'Privacy'
  | 'Stores and targets'

interface DefinitionBase<Value> {
  group: SettingGroup
  description: string
  default: Value
}

/** What a text must look like: for the program, and in words for the one who got it wrong. */
interface TextForm {
  pattern: RegExp
  form: string
}

/** One setting. `unit` is part of the name, so that no number stands alone. */
export type Definition =
  | (DefinitionBase<string> & { kind: 'string' } & Partial<TextForm>)
  | (DefinitionBase<number> & { kind: 'integer'; unit: string; minimum: number; maximum: number })
  | (DefinitionBase<boolean> & { kind: 'boolean' })
  | (DefinitionBase<string> & { kind: 'choice'; choices: readonly string[] })
  | (DefinitionBase<readonly string[]> & { kind: 'words'; choices: readonly string[] })
  | (DefinitionBase<readonly string[]> & { kind: 'texts' } & TextForm)
  | (DefinitionBase<''> & { kind: 'secret' } & Partial<TextForm>)
  | (DefinitionBase<readonly never[]> & { kind: 'objects' })

/** The type of a setting's value. */
export type ValueOf<D extends Definition> = D extends { kind: 'integer' }
  ? number
  : D extends { kind: 'boolean' }
    ? boolean
    : D extends { kind: 'secret' }
      ? Secret
      : D extends { kind: 'words' | 'texts' }
        ? readonly string[]
        : D extends { kind: 'objects' }
          ? readonly Record<string, unknown>[]
          : string
