/** Where the real services may be more lenient than the simulated ones, nobody is to fail for that. */
import { DOCUMENTED } from '../../sandbox/world/datafast.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { ServiceName } from './outside.ts'

const REQUIRED = ['amount', 'currency', 'transaction_id']

type Documented = { is: 'fit'; body: string } | { is: 'unfit'; answer: unknown }

/**
 * A payment without what is not documented: what DataFast makes of more fields, or of `null`, nobody says, and so they count
 * as absent. `unfit`: with DataFast's own answer to it.
 */
export function asDocumented(body: string): Documented {
  const payment = parsed(body)
  if (!payment) return unfit('Invalid JSON')
  const known = Object.entries(payment).filter(([name, value]) => DOCUMENTED.includes(name) && value !== null)
  const missing = REQUIRED.find((name) => !known.some(([known]) => known === name))
  return missing ? unfit(`${missing} is required`) : { is: 'fit', body: JSON.stringify(Object.fromEntries(known)) }
}

function unfit(message: string): Documented {
  return { is: 'unfit', answer: { status: 'error', error: { code: 400, message } } }
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Any key of the right form is let in, under the name of the one that the simulated service knows. Stripe takes a key also as
 * the user name of Basic authentication (docs.stripe.com/api/authentication).
 */
export function withUsualKey(service: ServiceName, authorization: string): string {
  if (service === 'datafast') return authorization.replace(/^Bearer dft?_\S+$/, `Bearer ${SECRETS.DATAFAST_API_KEY}`)
  const basic = /^Basic (\S+)$/.exec(authorization)?.[1]
  return basic ? `Bearer ${Buffer.from(basic, 'base64').toString().replace(/:.*$/, '')}` : authorization
}
