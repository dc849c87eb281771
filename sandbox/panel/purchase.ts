import type { State } from '../../src/order/state.ts'
import type { Payment } from '../../src/payment.ts'
import type { KnownPurchase } from '../scene.ts'

/** An order as its object holds it. */
type OrderShown = { reference: string; state: State | undefined }

/** A purchase with the orders it is made of: its sale, and what followed that. */
export type PurchaseShown = {
  purchase: KnownPurchase
  order: OrderShown
  /** Other names of the same order, which were handed over to it. */
  formerNames: string[]
  followers: (OrderShown & { kind: Payment['kind'] })[]
}

/** Puts together what belongs to one purchase. @param states - of every order there is a name of */
export function purchaseShown(purchase: KnownPurchase, states: ReadonlyMap<string, State | undefined>): PurchaseShown {
  const finalName = (reference: string): string => {
    const stage = states.get(reference)?.stage
    return stage?.at === 'moved' && states.has(stage.to) ? finalName(stage.to) : reference
  }
  const reference = finalName(purchase.reference)
  const announced = [...(purchase.sale?.announced ?? [])]
  const names = [purchase.reference, ...announced.map(([name]) => name)]
  const followers = new Map(announced.map(([name, kind]) => [finalName(name), kind]))
  followers.delete(reference)
  return {
    purchase,
    order: { reference, state: states.get(reference) },
    formerNames: [...new Set(names)].filter((name) => name !== reference && finalName(name) === reference),
    followers: [...followers].map(([name, kind]) => {
      const state = states.get(name)
      return { reference: name, state, kind: state?.payment?.kind ?? kind }
    }),
  }
}
