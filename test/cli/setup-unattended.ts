import type { Outcome } from '../../cli/setup/outcome.ts'
import { clone, DATAFAST_API_KEY, internet, STRIPE_SECRET_KEY } from './setup-conversation.ts'
import { run } from './simulated-internet.ts'

/** What the environment of whoever sets a shop up holds. */
export const KEYS = { DATAFAST_API_KEY, STRIPE_SECRET_KEY }

/** Flags for a shop that has a host of its own. */
export const SHOP = ['--thank-you', 'https://example.com/thanks', '--install', 'host', '--host', 'pay.example.com']

type Answer = { code: number; outcome: Outcome; output: string; complaint: string }

/** Runs `npm run setup -- --json` in the clone. */
export async function setUp(args: string[], environment: Record<string, string> = KEYS, network = internet.environment): Promise<Answer> {
  const { code, output, complaint } = await run('setup.ts', ['--json', ...args], clone.folder, { ...network, ...environment })
  return { code, outcome: JSON.parse(output), output, complaint }
}
