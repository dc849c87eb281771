import { rmSync } from 'node:fs'
import { afterAll, beforeAll } from 'vitest'
import { Advice } from '../../cli/advice.ts'
import { World } from '../../sandbox/world/world.ts'
import { type PROVIDER_NAMES, SELLERS } from '../bundle/sellers.ts'
import { dryRun, playWorld, shopFolder, told } from './dry-run-orders.ts'
import { type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'

/** Every provider there is, simulated: one world for each test file. */
export const world = new World()
let internet: SimulatedInternet
let putBack: () => void
const folders: string[] = []
beforeAll(async () => {
  internet = await simulatedInternet(world)
  putBack = playWorld(world)
})
afterAll(() => {
  putBack()
  internet.stop()
  for (const made of folders) rmSync(made, { recursive: true })
})

export const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'

/** A folder as a founder has it, gone after the tests. */
export function folder(...settings: Parameters<typeof shopFolder>): string {
  const made = shopFolder(...settings)
  folders.push(made)
  return made
}

/** `npm run dry-run` in this process, which is quick. */
export function ask(args: string[], shop = folder()): ReturnType<typeof told> {
  return told(args, shop)
}

/** What stops it, in words. */
export function advice(args: string[], shop = folder()): Promise<string> {
  return ask(args, shop).then(
    () => 'nothing',
    (error: unknown) => (error instanceof Advice ? error.message : String(error)),
  )
}

/** The same as the program that founders run. */
export function show(args: string[], shop = folder()): ReturnType<typeof dryRun> {
  return dryRun(args, shop, internet)
}

/** The success URL that an order's buyer comes back to. */
export function addressOf(provider: (typeof PROVIDER_NAMES)[number], id: string): string {
  return `https://pay.example.com/checkout/success/${provider}?${SELLERS[provider].returning(world, id)}`
}
