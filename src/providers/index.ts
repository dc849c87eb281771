import { creem } from './creem.ts'
import { dodo } from './dodo.ts'
import { gumroad } from './gumroad.ts'
import { lemonsqueezy } from './lemonsqueezy.ts'
import { paddle } from './paddle.ts'
import { polar } from './polar.ts'
import type { Provider } from './provider.ts'
import { stripe } from './stripe.ts'

/** Every provider there is. Nothing outside its own file knows more about one than this list. */
export const PROVIDERS = [stripe, dodo, creem, polar, lemonsqueezy, paddle, gumroad] as const satisfies readonly Provider[]

/** Whatever lists something for every provider (the sandbox, the tests) fails to compile when one is missing. */
export type ProviderName = (typeof PROVIDERS)[number]['name']

/** The provider of that name, exactly as it stands in the success URL. */
export function providerNamed(name: string | undefined): Provider | undefined {
  return PROVIDERS.find((provider) => provider.name === name)
}
