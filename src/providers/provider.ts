import type { Answer } from '../payment.ts'
import type { Reference } from '../reference.ts'
import type { SettingReader } from '../setting-reader.ts'
import type { Ask } from './ask.ts'

/** Which order a return URL names. It is parsed, never believed: it only says what to ask about. */
export type Reading =
  | { is: 'reference'; reference: Reference }
  | { is: 'invalid'; reason: 'missing' | 'repeated' | 'placeholder' | 'malformed' }

/** A payment provider. Adding one means: a file of this shape, a line in the list, fixtures, a docs page. */
export type Provider<Name extends string = string> = {
  /** As it stands in the success URL. */
  readonly name: Name
  /**
   * Its buyers return by clicking a button, perhaps days later: unless set otherwise, a sale without any visitor waits a
   * day for one.
   */
  readonly returnsByButton?: boolean
  /** 1. *Return*: finds the sale's reference in the parameters of the return URL. Pure. */
  readReturn(parameters: URLSearchParams): Reading
  /** Reads this provider's own settings; `undefined` when it is not switched on (no key). Reports mistakes by name. */
  connect(setting: SettingReader): Connection | undefined
}

/** A provider with its key. */
export type Connection = {
  /** 3. *Lookup*: asks the provider what this id is. Never throws for anything the provider or the network does. */
  lookup(id: string, ask: Ask, wanted: Wanted): Promise<Answer>
}

/** What an answer is used for: whatever else would cost a request, or a permission of the key, is not asked for. */
export type Wanted = {
  /** The product ids (`ONLY` is set). */
  soldAs: boolean
  /** The buyer's email or name (`CUSTOMER_FIELDS` has one of them). */
  person: boolean
  /** The names under which this order was handed over so far. */
  aliases: readonly Reference[]
}
