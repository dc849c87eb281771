import { parseArgs } from 'node:util'
import { Advice } from '../../cli/advice.ts'
import { WEBHOOK_SECRETS } from '../../sandbox/world/provider-event.ts'
import { QUICK } from '../proof-page.ts'
import { CASES, type Numbered } from './cases/index.ts'

const WORLD_PORT = 8790

export const USAGE = `Usage: npm run gauntlet -- [options] <success URL>

Tries a success handler with ${CASES.length} things that happen to buyers, and says which of them it survives.
The success URL is what you would paste into a Stripe payment link:
  npm run gauntlet -- "http://127.0.0.1:9000/success?session_id={CHECKOUT_SESSION_ID}"
Without an address: this repository's Worker beside two handlers as most people write them.

The handler has to ask a simulated Stripe and DataFast, which this program plays on a port of this machine:
  Stripe at    http://127.0.0.1:${WORLD_PORT}/api.stripe.com   in place of https://api.stripe.com
  DataFast at  http://127.0.0.1:${WORLD_PORT}/datafa.st        in place of https://datafa.st
Its keys: rk_live_sandboxkey, df_sandbox_website_key. docs/gauntlet.md tells every way.

  --webhook <url>         where Stripe's events go; without it, cases that need one count as failed
  --webhook-secret <text> what they are signed with (${WEBHOOK_SECRETS.STRIPE_WEBHOOK_SECRET})
  --restart "<command>"   kills the handler and starts it anew; without it, crashes are not tried
  --worker <file>         a Worker's wrangler.toml, or its bundle as one .js file: it is served here, needs no other setting,
                          and the addresses may be paths
  --var NAME=value        a variable or secret of that Worker; may be repeated
  --world-port <number>   where Stripe and DataFast are played (${WORLD_PORT})
  --only <what>           the case of that number, or the cases with that word in them; may be repeated
  --patience <seconds>    how long what is to happen in the end may take (30)
  --quick                 without what takes longest
  --json                  the result for programs
  --list                  the cases

Ends with 0 when every case that was run is survived, with 1 when one is not, with 2 when nothing could be tried.
`

export type Options = {
  cases: Numbered[]
  /** Whether more cases were left out than the short form leaves out. */
  isPart: boolean
  /** `known`: the handlers of this repository. */
  whom:
    | { is: 'known' }
    | { is: 'address'; url: string; restart?: string }
    | { is: 'worker'; file: string; url: string; variables: Record<string, string> }
  webhook?: { url: string; secret: string }
  worldPort: number
  /** In ms. */
  patience: number
  json: boolean
  /** Something is only to be shown. */
  show?: 'usage' | 'cases'
}

/** What was asked for; throws advice where that is not clear. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parse(args)
  const { webhook, only = [], quick, json = false, list, help } = values
  const [url, ...others] = positionals
  if (others.length) throw new Advice(`One address at a time; put it into quotes.\n\n${USAGE}`)
  return {
    cases: chosen(only, quick ?? QUICK),
    isPart: only.length > 0,
    whom: whom(url, values),
    webhook: webhook ? { url: webhook, secret: values['webhook-secret'] ?? WEBHOOK_SECRETS.STRIPE_WEBHOOK_SECRET } : undefined,
    worldPort: number(values['world-port'] ?? String(WORLD_PORT), '--world-port', 65_535),
    patience: number(values.patience ?? '30', '--patience', 3_600) * 1_000,
    json,
    show: help ? 'usage' : list ? 'cases' : undefined,
  }
}

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const
type Given = ReturnType<typeof parse>['values']

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{
          webhook: text,
          'webhook-secret': text,
          restart: text,
          worker: text,
          var: texts,
          'world-port': text,
          only: texts,
          patience: text,
        },
        // The page of proofs reads `write` itself.
        ...{ quick: flag, json: flag, list: flag, write: flag, help: flag },
      },
    })
  } catch (error) {
    throw new Advice(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

function whom(url: string | undefined, { worker, restart, var: variables = [], webhook }: Given): Options['whom'] {
  if (worker)
    return { is: 'worker', file: worker, url: url ?? '/checkout/success/stripe', variables: Object.fromEntries(variables.map(assigned)) }
  if (variables.length) throw new Advice('--var sets something for a Worker: give it with --worker.')
  if (url === undefined && (webhook || restart)) throw new Advice(`Give the success URL as well.\n\n${USAGE}`)
  if (url === undefined) return { is: 'known' }
  if (!URL.parse(url)) throw new Advice(`“${url}” is no address; give a whole one such as http://127.0.0.1:9000/success.`)
  return { is: 'address', url, restart }
}

function assigned(variable: string): [string, string] {
  const [name = '', ...value] = variable.split('=')
  if (!value.length) throw new Advice(`--var ${name} has no value: write NAME=value.`)
  return [name, value.join('=')]
}

function number(given: string, option: string, most: number): number {
  const value = Number(given)
  if (Number.isInteger(value) && value > 0 && value <= most) return value
  throw new Advice(`${option} is a whole number up to ${most}, not “${given}”.`)
}

function chosen(only: string[], quick: boolean): Numbered[] {
  const wanted = only.flatMap((one) => one.split(',')).map((one) => one.trim().toLowerCase())
  const isWanted = ({ number, name }: Numbered) =>
    wanted.some((one) => (/^\d+$/.test(one) ? Number(one) === number : name.toLowerCase().includes(one)))
  const cases = wanted.length ? CASES.filter(isWanted) : CASES
  if (!cases.length) throw new Advice(`No case is called “${only.join(', ')}”; npm run gauntlet -- --list shows them.`)
  return cases.filter(({ slow }) => !(quick && slow))
}
