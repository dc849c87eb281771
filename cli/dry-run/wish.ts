import { parseArgs } from 'node:util'
import type { Arrival } from '../../src/order/state.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { type Settings, settingsFor } from '../../src/settings.ts'
import { readVisitorField } from '../../src/visitor.ts'
import { Advice } from '../advice.ts'
import { readConfiguration } from '../configuration.ts'
import { type Named, nameOrder } from './naming.ts'
import { rehearse } from './rehearsal.ts'
import { type Report, reportOn, reportOnInvalid, successUrlOf } from './report.ts'

const USAGE = `Usage: npm run dry-run -- [--json] [--visitor UUID] [--door redirect|webhook] <provider> <id>

  npm run dry-run -- stripe cs_live_…
  npm run dry-run -- lemonsqueezy <order id> <order identifier>
  npm run dry-run -- "https://pay.example.com/checkout/success/stripe?session_id=cs_live_…"

Providers: ${PROVIDERS.map(({ name }) => name).join(', ')}.
--visitor  what the buyer’s cookie datafast_visitor_id would hold (of a renewal or refund: that of its first sale’s buyer)
--door     how the order would become known: by a buyer who comes back (the default), or by a webhook or the sweep, when its
           success URL says whose it is. Renewals and refunds come by webhook.
--json     the same as JSON; with npm run --silent nothing else is printed

Keys are read from .dev.vars in this folder or from the environment, other settings from wrangler.toml. Nothing is sent to DataFast.
`

/** What is to be tried. */
export type Wish = { words: string[]; json: boolean; visitor: string | undefined; door: Report['door'] | undefined }

/** Reads the command line; throws `Advice` where it says nothing that can be tried. */
export function readWish(args: string[]): Wish {
  const { values, positionals } = parse(args)
  const { json, visitor, door } = values
  if (!positionals.length) throw new Advice(USAGE)
  if (visitor !== undefined && !readVisitorField(visitor).length) {
    throw new Advice('--visitor is no visitor id of DataFast: it must be the UUID of 36 characters in the cookie datafast_visitor_id.')
  }
  if (door !== undefined && door !== 'redirect' && door !== 'webhook') throw new Advice('--door must be redirect or webhook.')
  return { words: positionals, json, visitor, door }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, visitor: { type: 'string' }, door: { type: 'string' } },
    })
  } catch {
    throw new Advice(USAGE)
  }
}

/**
 * Tries an order, with the settings of a folder; throws `Advice` where they do not allow it.
 * @param shell - the environment, whose secrets win over those of .dev.vars
 */
export async function reportFor({ words, visitor, door: wished }: Wish, folder: string, shell: NodeJS.ProcessEnv): Promise<Report> {
  const settings = readSettings(folder, shell)
  const named = nameOrder(words, settings.basePath)
  if (named.is === 'unclear') throw new Advice(named.advice)
  const { provider } = named
  const here = named.here ?? successUrlOf(settings, provider)
  if (named.is === 'invalid') return reportOnInvalid(named.reason, { provider, settings, here })
  requireKey(named, settings)
  const { reference, isSale } = named
  const door = doorOf(named, wished, visitor)
  const isKnown = named.here || settings.publicUrl
  const arrival: Arrival = {
    ...{ reference, door, at: Date.now() },
    visitors: visitor && isSale ? [visitor] : [],
    ...(isKnown && { here: here.origin }),
  }
  const rehearsed = await rehearse(arrival, settings, visitor && !isSale ? [visitor] : [])
  return reportOn(reference, rehearsed, { provider, settings, here, door, isSale })
}

function readSettings(folder: string, shell: NodeJS.ProcessEnv): Settings {
  const configuration = readConfiguration(folder, shell)
  if (configuration.is === 'broken') throw new Advice(`${configuration.file} cannot be read: ${configuration.reason}.`)
  return settingsFor(configuration.env)
}

/** The order's own provider has to be asked. */
function requireKey({ provider }: Extract<Named, { is: 'order' }>, { connections, problems }: Settings): void {
  if (connections.has(provider.name)) return
  const { keySetting, name, title } = provider
  // Of the first provider's key it is also said that it, or another, is missing.
  const problem = problems.find(({ text }) => text.startsWith(`${keySetting} `) && !text.startsWith(`${keySetting} or `))
  const what = problem ? problem.text : `${keySetting} is not set`
  throw new Advice(
    `${what}. Write ${title}’s key into .dev.vars (${keySetting}=…), or set it in the environment: docs/${name}.md, “The key”.`,
  )
}

function doorOf({ isSale }: Extract<Named, { is: 'order' }>, wished: Report['door'] | undefined, visitor?: string): Report['door'] {
  if (!isSale && wished === 'redirect') {
    throw new Advice('No buyer comes back with that: leave --door out, and it is taken as a webhook would tell of it.')
  }
  if (isSale && wished === 'webhook' && visitor) {
    throw new Advice('A webhook brings no cookie: --visitor goes with the door of a buyer who comes back, so leave --door out.')
  }
  return wished ?? (isSale ? 'redirect' : 'webhook')
}
