import { PROVIDERS, type ProviderName, providerNamed } from '../../src/providers/index.ts'
import type { Provider, Reading } from '../../src/providers/provider.ts'
import { partsOf, type Reference } from '../../src/reference.ts'
import { NAMES, RETURN_PARAMETERS } from './order-names.ts'

/** Which order somebody means. `here`: the success URL it was named with. `isSale`: a buyer comes back with it. */
export type Named =
  | { is: 'order'; provider: Provider<ProviderName>; reference: Reference; isSale: boolean; here?: URL }
  /** A success URL that names no order: what its buyer would be told is known all the same. */
  | { is: 'invalid'; provider: Provider<ProviderName>; reason: string; here: URL }
  /** Nobody can tell what is meant; `advice` says what would do. */
  | { is: 'unclear'; advice: string }

/**
 * Reads what stands on the command line: a provider and an id, a reference (`stripe:cs_…`), an id that says by itself whose
 * it is, or a whole success URL.
 *
 * @param basePath - where the Worker's routes lie
 */
export function nameOrder(words: readonly string[], basePath: string): Named {
  const [first = '', ...rest] = words
  if (/^https?:\/\//i.test(first) && !rest.length) return byAddress(first, basePath)
  const provider = providerCalled(first)
  if (provider && /^https?:\/\//i.test(rest[0] ?? '')) return byAddress(rest[0] ?? '', basePath)
  if (provider) return byId(provider, rest)
  const [, name = '', id = ''] = /^([a-z]+):(.+)$/.exec(first) ?? []
  const prefixed = providerCalled(name)
  if (prefixed) return byId(prefixed, [id, ...rest])
  const owner = PROVIDERS.find(({ name }) => NAMES[name].own?.test(first))
  return owner ? byId(owner, words) : unclear(`Which provider is that of? Say it first: ${providersInWords()}.`)
}

function providerCalled(name: string): Provider<ProviderName> | undefined {
  return PROVIDERS.find((provider) => provider.name === providerNamed(name.toLowerCase())?.name)
}

function byAddress(text: string, basePath: string): Named {
  const here = URL.parse(text)
  const beginning = `${basePath}/success/`
  if (!here?.pathname.startsWith(beginning)) {
    return unclear(`That is no success URL of this Worker: those go on with ${beginning} and the provider’s name after the host.`)
  }
  const name = here.pathname.slice(beginning.length).replace(/\/$/, '')
  const provider = PROVIDERS.find((candidate) => candidate.name === name)
  if (!provider) return unclear(`The address names no provider after ${beginning}: it must be ${providersInWords()}.`)
  const reading = provider.readReturn(here.searchParams)
  if (reading.is === 'invalid') return { is: 'invalid', provider, reason: reading.reason, here }
  return { is: 'order', provider, reference: reading.reference, isSale: true, here }
}

/** @param ids - one, or for Lemon Squeezy the order's number and its identifier */
function byId(provider: Provider<ProviderName>, ids: readonly string[]): Named {
  // `lemonsqueezy lemonsqueezy:…` means the same.
  const [id = '', ...more] = ids.map((text) => text.replace(`${provider.name}:`, ''))
  if (!id) return unclear(`Which order? ${looksLike(provider)}`)
  const whole = [id, ...more].join('.')
  const sale = readSale(provider, id, whole)
  if (sale) return { is: 'order', provider, reference: sale, isSale: true }
  if (NAMES[provider.name].told.test(whole)) return { is: 'order', provider, reference: `${provider.name}:${whole}`, isSale: false }
  return unclear(`${provider.title} has no such id. ${looksLike(provider)}`)
}

/** The reference a buyer would come back with, by the provider's own reading of its parameters. */
function readSale(provider: Provider, id: string, whole: string): Reference | undefined {
  const [order, identifier = ''] = whole.split('.')
  const queries = [
    ...RETURN_PARAMETERS.map((name) => new URLSearchParams({ [name]: id })),
    new URLSearchParams({ order_id: order ?? '', order_identifier: identifier }),
  ]
  const isMeant = (reading: Reading) => reading.is === 'reference' && partsOf(reading.reference).id === whole
  const reading = queries.map((query) => provider.readReturn(query)).find(isMeant)
  return reading?.is === 'reference' ? reading.reference : undefined
}

function looksLike({ name, title }: Provider<ProviderName>): string {
  return `At ${title} it is ${NAMES[name].inWords}.`
}

function providersInWords(): string {
  return PROVIDERS.map(({ name }) => name).join(', ')
}

function unclear(advice: string): Named {
  return { is: 'unclear', advice }
}
