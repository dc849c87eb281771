import type { Env } from '../env.ts'
import type { Reference } from '../reference.ts'
import type { Order } from './object.ts'

/** The order of that name; throws when the binding is missing. */
export function orderNamed(env: Env, reference: Reference): DurableObjectStub<Order> {
  if (!env.ORDERS) throw new Error('ORDERS is not bound')
  return env.ORDERS.getByName(reference)
}
