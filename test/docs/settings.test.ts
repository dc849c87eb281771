import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { inlineCode, pages, readPage, section } from './markdown.ts'
import { settingsOf } from './settings.ts'
import { sourcesIn } from './source.ts'

const { variables, secrets, bindings } = settingsOf(sourcesIn('src'))
const toml = readFileSync('wrangler.toml', 'utf8')
const example = readFileSync('.dev.vars.example', 'utf8')

/** What a text has in it of a list. */
function missingFrom(text: string, names: Iterable<string>): string[] {
  return Array.from(names).filter((name) => !new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`).test(text))
}

describe('Every setting that the code reads', () => {
  it('is found in the code', () => {
    expect(Array.from(variables)).toEqual(
      expect.arrayContaining(['THANK_YOU_URL', 'THANK_YOU_PAGES', 'CUSTOMER_FIELDS', 'LINKS', 'POLAR_SERVER']),
    )
    expect(Array.from(secrets)).toEqual(
      expect.arrayContaining(['DATAFAST_API_KEY', 'GUMROAD_PING_SECRET', 'PADDLE_API_KEY', 'STATUS_TOKEN']),
    )
    expect([variables.size, secrets.size, bindings.size]).toEqual([19, 17, 4])
  })

  it('stands in the README, under Settings', () => {
    expect(missingFrom(section(readPage('README.md'), 'Settings'), [...variables, ...secrets])).toEqual([])
  })

  it('stands in wrangler.toml when it is a variable, set or commented out, and in no comment of another place', () => {
    const vars = toml.slice(toml.indexOf('[vars]'), toml.indexOf('[[kv_namespaces]]'))
    const lines = vars.split('\n').flatMap((line) => /^(?:# )?([A-Z][A-Z0-9_]+) = /.exec(line)?.[1] ?? [])
    expect(lines.sort()).toEqual(Array.from(variables).sort())
  })

  it('stands in .dev.vars.example when it is a secret, set or commented out', () => {
    const lines = example.split('\n').flatMap((line) => /^(?:# ?)?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1] ?? [])
    // The Worker does not read this one: the probe does.
    expect(lines.filter((name) => name !== 'PROBE_DATAFAST_API_KEY').sort()).toEqual(Array.from(secrets).sort())
  })

  it('is bound in wrangler.toml when it is a binding', () => {
    const bound = JSON.stringify(parse(toml))
    expect(Array.from(bindings).filter((name) => !bound.includes(`"${name}"`))).toEqual([])
    expect(
      missingFrom(
        pages()
          .map(({ prose }) => prose)
          .join(),
        bindings,
      ),
    ).toEqual([])
  })
})

/** Written in capitals, and no setting: what is to be filled in, a provider that does not exist, a browser and a depth for the tests. */
const NO_SETTINGS =
  /^(CHECKOUT_SESSION_ID|CHECKOUT_ID|ORDER_ID|ACME_\w+|NAME|HEAD|POST|GET|CHROMIUM|FULL|PROVIDERS|STORIES|TEST_SECRETS|INCONSISTENT)$/

describe('Every setting that the pages name', () => {
  it('exists in the code', () => {
    const programs = sourcesIn('cli').flatMap(({ nodes }) => nodes)
    const known = new Set([
      ...variables,
      ...secrets,
      ...bindings,
      ...programs.flatMap(({ type, value }) => (type === 'Literal' ? String(value) : [])),
    ])
    const named = pages().flatMap(({ path, prose, blocks }) => {
      const code = [...inlineCode(prose), ...blocks.map(({ text }) => text)].join('\n')
      const words = Array.from(code.matchAll(/(?<![\w-])[A-Z][A-Z0-9]*_[A-Z0-9_]+(?![\w-])|^[A-Z]{4,}(?= = |$)/gm), ([word]) => word)
      return words.map((word) => ({ path, word }))
    })
    expect(named.filter(({ word }) => !known.has(word) && !NO_SETTINGS.test(word))).toEqual([])
    expect(named.length).toBeGreaterThan(200)
  })

  it('leaves no exception that nothing needs', () => {
    const all = pages()
      .map(({ prose, blocks }) => [prose, ...blocks.map(({ text }) => text)].join())
      .join()
    const exceptions = NO_SETTINGS.source.replaceAll(/[\^$()]/g, '').split('|')
    expect(exceptions.filter((name) => !all.includes(name.replace('\\w+', '')))).toEqual([])
  })
})
