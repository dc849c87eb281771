import { PROVIDERS } from '../../src/providers/index.ts'
import type { Provider } from '../../src/providers/provider.ts'
import type { Settings } from '../../src/settings.ts'
import { addressesOf, originOf } from '../../src/status/compose.ts'
import { GUIDES } from '../guides/index.ts'
import { type Answers, linksOf } from './answers.ts'
import { linksAstray } from './way-back.ts'

/** What is to be pasted into one provider's dashboard, and where. */
export type Paste = {
  readonly provider: string
  readonly title: string
  readonly successUrl: string
  /** The same as the dashboard or link wants it, where that differs. */
  readonly successUrlEncoded?: string
  readonly successUrlPage: string
  readonly successUrlNote?: string
  /** The payment links in `LINKS` that have to carry it. `completed`: how one has to be that does not yet. */
  readonly links: readonly { readonly name: string; readonly completed?: string }[]
  readonly webhookUrl: string
  readonly webhookPage: string
  readonly events: readonly string[]
  readonly webhookNote?: string
  readonly webhookSecret: string
  readonly webhookSecretPage: string
  /** Whether that secret is set already. */
  readonly webhookReady: boolean
  /** Who thinks the secret up. */
  readonly webhookSecretMadeBy: 'provider' | 'seller'
}

/** For each chosen provider, whether its key is there or not. @param here - the Worker's address */
export function pastesFor(answers: Answers, settings: Settings, here: URL): Paste[] {
  return PROVIDERS.filter(({ name }) => answers.providers.includes(name)).map((provider) => {
    const { name, title, webhook } = provider
    const { successUrlPage, successUrlParameter, successUrlNote, webhookPage, events, webhookNote, webhookSecret } = GUIDES[name]
    const { successUrl, webhookUrl } = addressesOf(provider, settings, here)
    return {
      provider: name,
      title,
      successUrl,
      ...(successUrlParameter && { successUrlEncoded: `${successUrlParameter}=${encodeURIComponent(successUrl)}` }),
      successUrlPage,
      successUrlNote,
      links: linksAt(provider, settings, here),
      webhookUrl,
      webhookPage,
      events,
      webhookNote,
      webhookSecret: webhook.secret,
      webhookSecretPage: webhookSecret.page,
      webhookReady: settings.webhookSecrets.has(name),
      webhookSecretMadeBy: webhookSecret.madeBy,
    }
  })
}

function linksAt({ name: provider }: Pick<Provider, 'name'>, settings: Settings, here: URL): Paste['links'] {
  const astray = linksAstray(settings, here)
  return [...settings.links]
    .filter(([, link]) => link.provider?.name === provider)
    .map(([name]) => {
      const completed = astray.find((one) => one.name === name)?.completed
      return { name, ...(completed && { completed }) }
    })
}

/** A payment link with the visitor attached: what a Buy button leads to. */
export type BuyButton = { readonly name: string; readonly url: string; readonly html: string }

/** One for each payment link. @param here - the Worker's address */
export function buyButtonsFor(answers: Answers, settings: Settings, here: URL): BuyButton[] {
  return Object.keys(linksOf(answers)).map((name) => {
    const url = `${baseOf(settings, here)}/go/${encodeURIComponent(name)}`
    return { name, url, html: `<a href="${url}">Buy now</a>` }
  })
}

/** What every address of the Worker begins with, without a slash at the end. */
export function baseOf(settings: Settings, here: URL): string {
  return originOf(settings, here) + settings.basePath
}
