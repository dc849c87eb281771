import type { Sale } from './sale.ts'

/** What can be made to happen to a sale. The keys are the buttons' addresses, the words what is written on them. */
export const AFTERWARDS = {
  renew: 'Renew',
  'refund-part': 'Refund part',
  'refund-all': 'Refund all',
  'send-again': 'Send it again',
} as const
export type Afterwards = keyof typeof AFTERWARDS

export function isAfterwards(name: string): name is Afterwards {
  return Object.hasOwn(AFTERWARDS, name)
}

/** As the timeline tells it. */
export function afterwardsInWords(what: Afterwards, { checkout, purchase }: Sale): string {
  switch (what) {
    case 'renew':
      return `A month later: ${checkout.title} charges ${purchase.title} again.`
    case 'refund-part':
      return `${checkout.title} gives back a third of what was last paid for ${purchase.title}.`
    case 'refund-all':
      return `${checkout.title} gives back all that is left of what was last paid for ${purchase.title}.`
    case 'send-again':
      return `${checkout.title} sends its last webhooks about ${purchase.title} again.`
  }
}
