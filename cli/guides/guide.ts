/** What a founder has to know of a provider's dashboard to set it up. The same stands, longer, in docs/<provider>.md. */
export type Guide = {
  /** Whether DataFast can import its sales by itself (datafa.st/docs, integrations): then only one of the two may record them. */
  readonly importedByDataFast?: true
  /** Whether its API does not tell which visitor a link carried, and its events do. */
  readonly visitorOnlyInEvents?: true
  /** Where in the dashboard a key is made. */
  readonly keyPage: string
  /** What the key must be allowed to read, as the dashboard calls it. Empty: keys cannot be limited, or need nothing ticked. */
  readonly keyMayRead: readonly string[]
  /** What a key looks like, live and test. A provider whose keys do not say their mode has one form for both. */
  readonly keyForms: readonly string[]
  /** What every key begins with, where that is certain: enough to notice one that was pasted elsewhere. */
  readonly keyPrefix?: RegExp
  /** What is worth knowing before making one. */
  readonly keyNote?: string
  /** Whether a live and a test key may stand side by side in one setting. */
  readonly takesTwoKeys?: boolean
  /** The setting that chooses live or test where keys do not tell: its words for either. */
  readonly environment?: { readonly setting: string; readonly live: string; readonly test: string }
  /** What the key must read beside the lists: an id that no order has, and the permission that asking about it needs. */
  readonly alsoReads?: { readonly id: string; readonly permission: string }
  /** Where in the dashboard the success URL goes. */
  readonly successUrlPage: string
  /** The payment link's parameter that holds the success URL, where no dashboard does. */
  readonly successUrlParameter?: string
  /** How it is pasted there, where that is not simply as it stands. */
  readonly successUrlNote?: string
  /** Where in the dashboard a webhook is made. */
  readonly webhookPage: string
  /** The events to tick. */
  readonly events: readonly string[]
  /** What else has to be chosen there. */
  readonly webhookNote?: string
  readonly webhookSecret: {
    /** Who thinks it up: the provider, which shows it once the webhook is made, or whoever sets this up. */
    readonly madeBy: 'provider' | 'seller'
    /** Where the dashboard shows it, or asks for it. */
    readonly page: string
    /** Its form; a text that has another is no such secret. */
    readonly pattern: RegExp
    readonly form: string
  }
  /** What may be named in `ONLY`, with where it is found. */
  readonly onlyNames: string
  /** How such a name looks, for an example. */
  readonly onlyExample: string
  /** What a payment link looks like, with the way back where it holds that itself. Absent where there are none. */
  readonly linkExample?: string
}
