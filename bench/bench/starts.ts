import { Client } from './client.ts'
import { inTurns } from './clients.ts'
import type { ByContender } from './contenders.ts'
import type { Internet } from './internet.ts'
import { type Runtime, type Script, startRuntime, THANK_YOU } from './runtime.ts'

/** A visit that any contender redirects without looking anything up. */
const NOTHING = '/checkout/success/stripe'

/** From the start of a runtime with one contender in it until that has answered, in ms. */
export function coldStarts(internet: Internet, scripts: ByContender<Script>, rounds: number): Promise<ByContender<number[]>> {
  return inTurns(rounds, async (name) => {
    const startedAt = performance.now()
    const runtime = await startRuntime(internet, [scripts[name]])
    await new Client(await runtime.at(name)).send({ path: NOTHING }, { status: 303, location: THANK_YOU })
    const took = performance.now() - startedAt
    await runtime.stop()
    return took
  })
}

/** The script alone: loaded anew into a runtime that is up, until it has answered, in ms. */
export async function loads(runtime: Runtime, rounds: number): Promise<ByContender<number[]>> {
  const client = new Client(await runtime.at('loads-anew'))
  let loaded = 0
  const load = (times: number) =>
    inTurns(times, (name) => client.send({ path: `/?script=${name}&as=${++loaded}` }, { status: 303, location: THANK_YOU }))
  await load(1)
  return load(rounds)
}
