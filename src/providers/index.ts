import { dodo } from './dodo.ts'
import type { Provider } from './provider.ts'
import { stripe } from './stripe.ts'

/** Every provider there is. Nothing outside its own file knows more about one than this list. */
export const PROVIDERS: readonly Provider[] = [stripe, dodo]

/** The provider of that name, exactly as it stands in the success URL. */
export function providerNamed(name: string | undefined): Provider | undefined {
  return PROVIDERS.find((provider) => provider.name === name)
}
