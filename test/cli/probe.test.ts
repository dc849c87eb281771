import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLine, startPace } from '../../cli/probe/line.ts'
import type { ProbeReport } from '../../cli/probe/probe.ts'
import { eventually } from '../bundle/worker.ts'
import { type Ended, NO_NETWORK, run, type SimulatedInternet, simulatedInternet } from './simulated-internet.ts'
import { KEYS, Terminal } from './terminal.ts'

/** `npm run probe`, run as a founder would: it asks first, and leaves nothing behind, however it ends. */

const VISITOR = '6f1c2a34-9b7d-4e21-8c55-d0e1f2a3b4c5'
const KEY = 'df_sandbox_throwaway'
const PROGRAM = join(import.meta.dirname, '../../cli/probe.ts')

let internet: SimulatedInternet
let folder: string

beforeEach(async () => {
  internet = await simulatedInternet()
  const { dataFast } = internet.world
  dataFast.keys.add(KEY)
  dataFast.seenVisitors = new Set([VISITOR])
  dataFast.website.domain = 'throwaway.example.com'
  folder = mkdtempSync(join(tmpdir(), 'success-url-probe-'))
  writeFileSync(join(folder, '.dev.vars'), `PROBE_DATAFAST_API_KEY=${KEY}\nDATAFAST_API_KEY=df_sandbox_website_key\n`)
})
afterEach(() => {
  internet.stop()
  rmSync(folder, { recursive: true })
})

const environment = (more: Record<string, string> = {}) => ({ ...internet.environment, PROBE_GAP_MS: '0', ...more })
const probe = (args: string[], more?: Record<string, string>): Promise<Ended> => run('probe.ts', args, folder, environment(more))
const posted = () => internet.world.callsTo('datafast').filter(({ method }) => method === 'POST')
const idsOf = (calls: ReturnType<typeof posted>) => new Set(calls.map(({ body }) => (body as { transaction_id: string }).transaction_id))
const deletedIds = () =>
  internet.world
    .callsTo('datafast')
    .filter(({ method }) => method === 'DELETE')
    .map(({ url }) => new URL(url).searchParams.get('transaction_id') ?? '')
/** That it works when it is typed is shown where a shell and curl are: test/docs/commands.test.ts. */
const deletionByHand = (id: string) => {
  const key = '$(npx node --env-file-if-exists=.dev.vars -p process.env.PROBE_DATAFAST_API_KEY)'
  return `curl -X DELETE -H "Authorization: Bearer ${key}" "https://datafa.st/api/v1/payments?transaction_id=${id}"`
}

describe('A probe', () => {
  it('tries every question, says what holds, and leaves nothing behind', async () => {
    const { code, output } = await probe(['--yes', '--visitor', VISITOR])
    expect(code).toBe(0)
    expect(output).toContain('The open questions of docs/datafast.md, at throwaway.example.com:')
    expect(output).toMatch(/^sale-counted +holds +200 “Payment recorded and attributed successfully”; revenue \+29\.99 EUR$/m)
    expect(output).not.toMatch(/does not hold|could not be told/)
    expect(internet.world.dataFast.ledger.size).toBe(0)
  })

  it('deletes what it made and nothing else', async () => {
    const { dataFast } = internet.world
    dataFast.forge({ transaction_id: 'somebody-else’s', amount: 5 })
    await probe(['--yes', '--even-with-revenue'])
    expect([...dataFast.ledger.keys()]).toEqual(['somebody-else’s'])
    const ids = idsOf(posted())
    expect(deletedIds().filter((id) => !ids.has(id) && !id.endsWith('-never-posted'))).toEqual([])
    for (const id of deletedIds()) expect(id).toMatch(/^success-url-probe-\d{8}t\d{6}z-[a-z-]+$/)
  })

  it('prints the same as JSON', async () => {
    const { output } = await probe(['--yes', '--json'])
    const report = JSON.parse(output) as ProbeReport
    expect(report).toMatchObject({ website: 'throwaway.example.com', ended: 'complete', left: [], difference: 0 })
    expect(report.answers.find(({ id }) => id === 'late-visitor-attributed')).toMatchObject({
      is: 'could not be told',
      seen: 'give --visitor, a visitor who was really on that website',
    })
  })

  it('shows no key', async () => {
    internet.world.dataFast.habits.deletion = 'refused'
    const { output, complaint } = await probe(['--yes', '--json'])
    expect(output + complaint).not.toContain(KEY)
  })
})

describe('A probe does not begin, and posts nothing,', () => {
  const refused = async (args: string[], more?: Record<string, string>): Promise<string> => {
    const { code, complaint, output } = await probe(args, more)
    expect([code, output, posted().length]).toEqual([2, '', 0])
    return complaint
  }

  it('where nobody can be asked and --yes was not said', async () => {
    expect(await refused([])).toContain('Nobody can be asked here whether to go on: say --yes.')
  })

  it('at a website that has revenue, unless that is said to be meant', async () => {
    internet.world.dataFast.forge({ amount: 12 })
    expect(await refused(['--yes'])).toContain('throwaway.example.com has revenue already (12.00 EUR)')
    expect((await probe(['--yes', '--even-with-revenue'])).code).toBe(0)
  })

  it('at a website whose totals cannot be read', async () => {
    internet.world.dataFast.forbidden.add('analytics/overview')
    expect(await refused(['--yes'])).toContain('The totals of throwaway.example.com cannot be read (403')
  })

  it('without a key of its own, although there is the shop’s', async () => {
    writeFileSync(join(folder, '.dev.vars'), 'DATAFAST_API_KEY=df_sandbox_website_key\n')
    expect(await refused(['--yes'])).toContain('PROBE_DATAFAST_API_KEY is not set. Make a website of its own')
    expect(await refused(['--yes'], { PROBE_DATAFAST_API_KEY: 'df_sandbox_website_key' })).toContain('is the same key as DATAFAST_API_KEY')
    expect((await probe(['--yes', '--use-datafast-api-key'])).code).toBe(0)
  })

  it('with a key that DataFast refuses, or a token without its website', async () => {
    expect(await refused(['--yes'], { PROBE_DATAFAST_API_KEY: 'df_wrong' })).toContain('DataFast refuses PROBE_DATAFAST_API_KEY (401')
    expect(await refused(['--yes'], { PROBE_DATAFAST_API_KEY: 'dft_account' })).toMatch(/^PROBE_DATAFAST_WEBSITE_ID must be the website id/)
  })

  it('with a visitor whom DataFast has not seen there, or that is none', async () => {
    expect(await refused(['--yes', '--visitor', crypto.randomUUID()])).toContain('has never seen that visitor at throwaway.example.com')
    expect(await refused(['--yes', '--visitor', 'me'])).toContain('--visitor is no visitor id of DataFast')
  })

  it('without a network, or with options that there are not', async () => {
    const { code, complaint } = await run('probe.ts', ['--yes'], folder, { ...NO_NETWORK, PROBE_GAP_MS: '0' })
    expect([code, complaint]).toEqual([2, expect.stringContaining('cannot be asked which website')])
    expect(await refused(['--now'])).toMatch(/^Usage: npm run probe/)
  })
})

describe('A probe in a terminal', () => {
  /** Answers the question with some keys. @returns what the terminal showed, and how it ended */
  async function answered(keys: string): Promise<{ shown: string; code: number }> {
    const terminal = new Terminal(process.execPath, [PROGRAM], folder, environment())
    await terminal.answer('and delete them again?', keys)
    const code = await terminal.end()
    return { shown: terminal.text(), code }
  }

  it('asks first, with the website’s name, and goes on when told to', async () => {
    const { shown, code } = await answered('y')
    expect(shown).toContain('throwaway.example.com')
    expect([code, posted().length > 0, internet.world.dataFast.ledger.size]).toEqual([0, true, 0])
  })

  it.for([
    ['no', 'n'],
    ['Enter alone', KEYS.enter],
    ['Ctrl-C', KEYS.interrupt],
  ] as const)('posts nothing when the answer is %s', async ([, keys]) => {
    const { shown, code } = await answered(keys)
    expect([code, posted().length]).toEqual([2, 0])
    expect(shown).toContain('Nothing was posted.')
  })

  it('shows of a website’s name nothing that steers it', async () => {
    internet.world.dataFast.website.domain = 'evil\u001b[2J.example.com'
    expect((await answered('n')).shown).toContain('evil[2J.example.com')
  })
})

describe('A probe that ends early', () => {
  /** Begins one that is slow enough to be interrupted. */
  function begin() {
    const child = spawn(process.execPath, [PROGRAM, '--yes'], {
      cwd: folder,
      env: environment({ PROBE_GAP_MS: '60' }) as NodeJS.ProcessEnv,
    })
    const heard = { output: '', complaint: '' }
    child.stdout.on('data', (text) => {
      heard.output += text
    })
    child.stderr.on('data', (text) => {
      heard.complaint += text
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    return { child, ended, heard }
  }

  it.for(['SIGINT', 'SIGTERM'] as const)('by %s deletes first what it has posted', async (signal) => {
    const { child, ended, heard } = begin()
    await eventually(
      () => idsOf(posted()).size,
      (size) => size >= 2,
    )
    child.kill(signal)
    expect(await ended).toBe(130)
    expect(internet.world.dataFast.ledger.size).toBe(0)
    expect(heard.complaint).toContain('Stopping: what was posted is deleted first.')
    expect(heard.output).toContain('It did not come to its end: interrupted')
  })

  it('by a second Ctrl-C says what is left, and how to delete it', async () => {
    const { child, ended, heard } = begin()
    await eventually(
      () => idsOf(posted()).size,
      (size) => size >= 2,
    )
    internet.world.service('datafast').fault = { kind: 'hang' }
    child.kill('SIGINT')
    await eventually(
      () => heard.complaint,
      (text) => text.includes('Stopping'),
    )
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    for (const id of internet.world.dataFast.ledger.keys()) {
      expect(heard.complaint).toContain(deletionByHand(id))
    }
    expect(internet.world.dataFast.ledger.size).toBeGreaterThan(0)
  })

  it('by an outage half-way deletes what it has posted, and says that the rest could not be told', async () => {
    internet.world.service('datafast').failFor('-refund', { kind: 'answer', status: 500 })
    const { code, output } = await probe(['--yes', '--json'])
    const report = JSON.parse(output) as ProbeReport
    expect([code, report.ended, internet.world.dataFast.ledger.size]).toEqual([1, 'broken', 0])
    expect(report.reason).toContain('DataFast is out of order (500)')
    const untold = report.answers.filter(({ seen }) => seen === 'it did not come to that').map(({ id }) => id)
    expect(untold).toContain('delete-unknown-404')
    expect(report.answers.find(({ id }) => id === 'sale-counted')?.is).toBe('holds')
  })

  it('by an answer that is lost deletes also what may have been recorded', async () => {
    internet.world.service('datafast').failFor('-visitorless', { kind: 'reset-after' })
    const { code } = await probe(['--yes'])
    expect([code, internet.world.dataFast.ledger.size]).toEqual([1, 0])
    expect(deletedIds().some((id) => id.endsWith('-visitorless'))).toBe(true)
  })

  it('at once, when its very first payment fails, leaves every question open', async () => {
    internet.world.service('datafast').failFor('success-url-probe', { kind: 'answer', status: 503 })
    const report = JSON.parse((await probe(['--yes', '--json'])).output) as ProbeReport
    expect(new Set(report.answers.map(({ is }) => is))).toEqual(new Set(['could not be told']))
  })
})

describe('A line to DataFast', () => {
  it('takes a second for each request, whichever line it is', async () => {
    const starts: number[] = []
    const realFetch = globalThis.fetch
    globalThis.fetch = async () => {
      starts.push(performance.now())
      return new Response('{}')
    }
    const pace = startPace()
    const [line, another] = [openLine({ key: KEY }, undefined, pace), openLine({ key: KEY }, undefined, pace)]
    await Promise.all([line, another, line].map((one) => one.ask('GET', '/analytics/metadata')))
    globalThis.fetch = realFetch
    const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? 0))
    expect(gaps).toHaveLength(2)
    // A timer may be a hair early.
    for (const gap of gaps) expect(gap).toBeGreaterThan(990)
  })
})

describe('What a probe could not delete', () => {
  it('is told with the command that does it', async () => {
    internet.world.dataFast.habits.deletion = 'refused'
    const { code, output } = await probe(['--yes', '--json'])
    const { left } = JSON.parse(output) as ProbeReport
    expect(code).toBe(1)
    const standing = new Set([...internet.world.dataFast.ledger.values()].map(({ transaction_id }) => transaction_id))
    for (const id of standing) {
      expect(left).toContainEqual({
        id,
        reason: '500 “Internal server error”',
        command: deletionByHand(id),
      })
    }
  })

  it('is told also where DataFast says that it is gone, and the totals say otherwise', async () => {
    internet.world.dataFast.habits.deletion = 'pretended'
    const { code, output } = await probe(['--yes'])
    expect(code).toBe(1)
    expect(output).toMatch(/The totals differ from before by [\d.]+ EUR/)
    expect(output).toContain('These may still be there. Delete them by hand:')
  })

  it('is tried again while DataFast is away for a moment', async () => {
    internet.world.service('datafast').failFor('transaction_id=', { kind: 'answer', status: 503 }, { kind: 'reset' })
    expect((await probe(['--yes'])).code).toBe(0)
    expect(internet.world.dataFast.ledger.size).toBe(0)
  })
})
