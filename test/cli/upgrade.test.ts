import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** What the page on upgrades says, up to the deploy. */
const KEEP = 'git commit --all --message "My shop"'
const PULL = 'git pull --rebase'

const ENVIRONMENT = {
  ...{ PATH: process.env.PATH, HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
  ...{ GIT_AUTHOR_NAME: 'Founder', GIT_AUTHOR_EMAIL: 'founder@example.com' },
  ...{ GIT_COMMITTER_NAME: 'Founder', GIT_COMMITTER_EMAIL: 'founder@example.com' },
}

let place: string
/** The repository, and a founder's clone of it. */
const origin = () => join(place, 'origin')
const clone = () => join(place, 'clone')

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'upgrade-'))
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', origin()])
  for (const file of ['wrangler.toml', '.gitignore', 'package.json']) cpSync(file, join(origin(), file))
  publish('First')
  execFileSync('git', ['clone', '--quiet', origin(), clone()])
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

function publish(message: string): void {
  for (const args of [
    ['add', '--all'],
    ['commit', '--quiet', '--message', message],
  ]) {
    execFileSync('git', ['-C', origin(), ...args], { env: ENVIRONMENT as NodeJS.ProcessEnv })
  }
}

function edit(folder: string, from: string, to: string): void {
  const path = join(folder, 'wrangler.toml')
  const before = readFileSync(path, 'utf8')
  expect(before).toContain(from)
  writeFileSync(path, before.replace(from, to))
}

/** A line in the founder's clone, as a shell runs it. @returns its exit code */
function type(line: string): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', line], { cwd: clone(), env: ENVIRONMENT as NodeJS.ProcessEnv }, () =>
      resolve(child.exitCode ?? -1),
    )
  })
}

const configuration = () => parse(readFileSync(join(clone(), 'wrangler.toml'), 'utf8'))

describe('the first half of an upgrade', () => {
  beforeEach(() => {
    edit(clone(), 'name = "success-url"', 'name = "small-harbour"')
    edit(clone(), 'THANK_YOU_URL = ""', 'THANK_YOU_URL = "https://example.com/thanks"')
    writeFileSync(join(clone(), '.dev.vars'), 'STATUS_TOKEN=a-test-token-of-24-letters\n')
  })

  const publishChanges = () => {
    edit(origin(), '# REVENUE = "gross"', '# A new setting:\n# NEW = "setting"\n# REVENUE = "gross"')
    edit(origin(), 'crons = ["*/15 * * * *"]', 'crons = ["*/10 * * * *"]')
    publish('Second')
  }

  const changeThatLine = () => {
    edit(origin(), 'THANK_YOU_URL = ""', 'THANK_YOU_URL = "" # see README')
    publish('Second')
  }

  it('brings what is new, and keeps what the founder wrote', async () => {
    publishChanges()
    expect(await type(KEEP)).toBe(0)
    expect(await type(PULL)).toBe(0)
    expect(configuration()).toMatchObject({
      name: 'small-harbour',
      vars: { THANK_YOU_URL: 'https://example.com/thanks' },
      triggers: { crons: ['*/10 * * * *'] },
    })
    expect(readFileSync(join(clone(), '.dev.vars'), 'utf8')).toContain('a-test-token')
  })

  it('works a second time, when there is nothing new to keep', async () => {
    expect(await type(KEEP)).toBe(0)
    publishChanges()
    expect(await type(KEEP)).toBe(1)
    expect(await type(PULL)).toBe(0)
    expect(configuration()).toMatchObject({ name: 'small-harbour', triggers: { crons: ['*/10 * * * *'] } })
  })

  it.each([
    ['both have changed the same line', changeThatLine, KEEP],
    ['what the founder wrote was not kept', publishChanges, 'true'],
  ])('stops before the deploy when %s', async (_, change, first) => {
    change()
    await type(first)
    expect(await type(`${PULL} && touch deployed`)).not.toBe(0)
    expect(await type('test -e deployed')).not.toBe(0)
  })
})
