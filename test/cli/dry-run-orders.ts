import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../cli/dry-run/report.ts'
import { readWish, reportFor } from '../../cli/dry-run/wish.ts'
import { plainJson } from '../../cli/plain-json.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
import type { World } from '../../sandbox/world/world.ts'
import { type Ended, run, type SimulatedInternet } from './simulated-internet.ts'

export const THANK_YOU = 'https://shop.example.com/thank-you'

/** A folder as a founder has it: wrangler.toml and .dev.vars. @param vars - as TOML, below THANK_YOU_URL */
export function shopFolder(vars = '', secrets: Record<string, string> = SECRETS): string {
  const folder = mkdtempSync(join(tmpdir(), 'success-url-dry-run-'))
  writeFileSync(join(folder, 'wrangler.toml'), `name = "shop"\n[vars]\nTHANK_YOU_URL = "${THANK_YOU}"\n${vars}\n`)
  writeFileSync(
    join(folder, '.dev.vars'),
    Object.entries(secrets)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  )
  return folder
}

/** Runs a dry run to its end. */
export function dryRun(args: string[], folder: string, { environment }: Pick<SimulatedInternet, 'environment'>): Promise<Ended> {
  return run('dry-run.ts', args, folder, environment)
}

/** What a dry run tells, in this process: whatever it fetches comes from that world. */
export async function told(args: string[], folder: string): Promise<Report> {
  return JSON.parse(plainJson(await reportFor(readWish(args), folder, {})))
}

/** Has this process' own requests answered by a world, and by nothing else. @returns a function that puts the network back */
export function playWorld(world: World): () => void {
  const realFetch = globalThis.fetch
  globalThis.fetch = (input, init) => world.handle(new Request(input, init))
  return () => {
    globalThis.fetch = realFetch
  }
}
