/** Orders that wait: those that lost their alarm are woken, those that waited for something that is mended try again. */
import type { Env } from '../env.ts'
import { orderNamed } from '../order/order-named.ts'
import { readRecorded } from '../recorded.ts'
import type { Reference } from '../reference.ts'
import { within } from '../within.ts'
import type { ProviderState } from './incidents.ts'
import type { Movement } from './movement.ts'
import type { Movements } from './movements.ts'

/** An order that should have been tried so long ago has lost its alarm. */
const OVERDUE = 10 * 60_000
export const PER_TURN = 50
const CALL_TIMEOUT = 5_000
const MANY = 500

/** What may have been mended: by which providers are imported, whether DataFast's key works, how the providers' lists read. */
type Mended = { imported: readonly string[]; isDataFastWell: boolean; providers: readonly ProviderState[] }

export async function takeUp(env: Env, movements: Movements, { imported, isDataFastWell, providers }: Mended): Promise<void> {
  await wakeOrders(env, movements, movements.overdue(Date.now() - OVERDUE, PER_TURN), false)
  const names = providers.map(({ name }) => name)
  const well = providers.filter(({ lists }) => lists.every(({ result }) => result === 'ok')).map(({ name }) => name)
  const released = names.filter((name) => !imported.includes(name))
  const mended = [
    ...movements.waitingFor('native-integration', released, PER_TURN),
    ...movements.waitingFor('datafast-configuration', isDataFastWell ? names : [], PER_TURN),
    ...movements.waitingFor('provider-configuration', well, PER_TURN),
    ...(await soldMeanwhile(env, movements)),
  ]
  await wakeOrders(env, movements, mended.slice(0, PER_TURN), true)
}

/**
 * Wakes orders. What none of them holds any more is no longer waiting for anything.
 * @param now - whether what is to be tried later is tried now
 * @returns how many are awake
 */
export async function wakeOrders(env: Env, movements: Movements, rows: readonly Movement[], now: boolean): Promise<number> {
  const references = [...new Set(rows.map(({ reference }) => reference))]
  const wake = (reference: Reference) => within(orderNamed(env, reference).wake(now), CALL_TIMEOUT, 'silent' as const)
  const awake = await Promise.all(references.map(wake))
  references.forEach((reference, place) => {
    if (awake[place] === false) movements.lost(reference)
  })
  return awake.filter((answer) => answer === true).length
}

/** What was left out because its sale was not recorded, which by now it is: by its row, or by another name in the edge's memory. */
async function soldMeanwhile(env: Env, movements: Movements): Promise<Movement[]> {
  const leftOut = movements.leftOut('sale-not-recorded', '', MANY)
  const names = [...new Set(leftOut.flatMap(({ firstSale }) => firstSale ?? []))]
  const rows = movements.among(names)
  const sold = new Set(rows.filter(({ stage }) => stage === 'recorded').map(({ reference }) => reference))
  const unbooked = names.filter((name) => !rows.some(({ reference }) => reference === name)).slice(0, PER_TURN)
  const remembered = await Promise.all(unbooked.map((name) => readRecorded(env, name, CALL_TIMEOUT)))
  unbooked.forEach((name, place) => {
    if (remembered[place]) sold.add(name)
  })
  return leftOut.filter(({ firstSale }) => firstSale && sold.has(firstSale))
}
