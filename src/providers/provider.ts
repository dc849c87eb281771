import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'
import type { SettingReader } from '../setting-reader.ts'
import type { Ask } from './ask.ts'

/** Which order a return URL names. It is parsed, never believed: it only says what to ask about. */
export type Reading =
  | { is: 'reference'; reference: Reference }
  | { is: 'invalid'; reason: 'missing' | 'repeated' | 'placeholder' | 'malformed' }

/** A payment provider. Adding one means: a file of this shape, a line in the list, fixtures, a docs page. */
export type Provider = {
  readonly name: string
  /** 1. *Return*: finds the sale's reference in the parameters of the return URL. Pure. */
  readReturn(parameters: URLSearchParams): Reading
  /** Reads this provider's own settings; `undefined` when it is not switched on (no key). Reports mistakes by name. */
  connect(setting: SettingReader): Connection | undefined
}

/** A provider with its key. */
export type Connection = {
  /**
   * 3. *Lookup*: asks the provider what this id is. Never throws for anything the provider or the network does.
   * @param soldAs - whether the product ids are needed (`ONLY` is set), which may cost a request
   */
  lookup(id: string, ask: Ask, soldAs: boolean): Promise<Answer>
}
