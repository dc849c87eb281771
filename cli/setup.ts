/**
 * From nothing to a Worker that counts: `npm run setup` asks, tests what it is told, writes wrangler.toml and .dev.vars, and
 * says what to paste where. With `--json` or `--yes` it asks nothing. Ends with 0, 1 (something needs mending), 2 (wrong
 * flags) or 130 (interrupted).
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfiguration } from './configuration.ts'
import { setUpInTerminal } from './setup/attended.ts'
import { type Flags, readFlags, USAGE } from './setup/flags.ts'
import { describeOutcome, failure } from './setup/outcome.ts'
import { setUpUnattended } from './setup/unattended.ts'

const WRONG_FLAGS = 2
const TO_MEND = 1

async function main(args: string[]): Promise<number> {
  const read = readFlags(args)
  const isJson = read.is === 'read' ? read.flags.json === true : args.includes('--json')
  if (read.is === 'wrong') return refuse(read.text, isJson, WRONG_FLAGS)
  if (read.flags.help) return say(USAGE, 0)
  return setUp(process.cwd(), read.flags)
}

async function setUp(folder: string, flags: Flags): Promise<number> {
  const isJson = flags.json === true
  if (!existsSync(join(folder, 'wrangler.toml'))) {
    return refuse('There is no wrangler.toml here: run this in the folder of your clone.', isJson, TO_MEND)
  }
  const configuration = readConfiguration(folder)
  if (configuration.is === 'broken') {
    const text = `${configuration.file} cannot be read: ${configuration.reason}. Mend it, and run this again; nothing was written.`
    return refuse(text, isJson, TO_MEND)
  }
  if (!isJson && !flags.yes) {
    if (process.stdin.isTTY && process.stdout.isTTY) return setUpInTerminal(folder, configuration, flags)
    process.stderr.write(`There is no terminal to ask in: give --json or --yes.\n\n${USAGE}`)
    return WRONG_FLAGS
  }
  const ended = await setUpUnattended(folder, configuration, flags)
  if (ended.is === 'wrong') return refuse(ended.text, isJson, WRONG_FLAGS)
  const { outcome } = ended
  return say(isJson ? `${JSON.stringify(outcome, null, 2)}\n` : describeOutcome(outcome), outcome.ok ? 0 : TO_MEND)
}

function say(text: string, code: number): number {
  process.stdout.write(text)
  return code
}

/** Nothing was done, and this is why. */
function refuse(text: string, isJson: boolean, code: number): number {
  if (isJson) return say(`${JSON.stringify(failure(text), null, 2)}\n`, code)
  process.stderr.write(`${text}\n${code === WRONG_FLAGS ? 'npm run setup -- --help tells the flags.\n' : ''}`)
  return code
}

const code = await main(process.argv.slice(2))
// Everything said is out; a question that is still under way is not waited for.
process.stdout.write('', () => process.exit(code))
