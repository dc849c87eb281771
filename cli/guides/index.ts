import type { ProviderName } from '../../src/providers/index.ts'
import { creemGuide } from './creem.ts'
import { dodoGuide } from './dodo.ts'
import type { Guide } from './guide.ts'
import { gumroadGuide } from './gumroad.ts'
import { lemonsqueezyGuide } from './lemonsqueezy.ts'
import { paddleGuide } from './paddle.ts'
import { polarGuide } from './polar.ts'
import { stripeGuide } from './stripe.ts'

/** What to do in whose dashboard. A provider without a guide does not compile. */
export const GUIDES: Record<ProviderName, Guide> = {
  stripe: stripeGuide,
  dodo: dodoGuide,
  creem: creemGuide,
  polar: polarGuide,
  lemonsqueezy: lemonsqueezyGuide,
  paddle: paddleGuide,
  gumroad: gumroadGuide,
}
