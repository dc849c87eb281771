import type { ProviderName } from '../../../src/providers/index.ts'
import type { AftermathOf } from './aftermath.ts'
import { creem } from './creem.ts'
import { dodo } from './dodo.ts'
import { gumroad } from './gumroad.ts'
import { lemonsqueezy } from './lemonsqueezy.ts'
import { paddle } from './paddle.ts'
import { polar } from './polar.ts'
import { stripe } from './stripe.ts'

/** What follows a sale, for every provider that the Worker knows. */
export const AFTERMATH: Record<ProviderName, AftermathOf> = { stripe, dodo, creem, polar, lemonsqueezy, paddle, gumroad }
