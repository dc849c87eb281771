import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { type Change, editToml, type Value } from '../../cli/setup/toml-edit.ts'

const SHIPPED = readFileSync(join(import.meta.dirname, '../../wrangler.toml'), 'utf8')

function edited(text: string, ...changes: Change[]): string {
  const edit = editToml(text, changes)
  if (edit.is === 'refused') throw new Error(edit.reason)
  return edit.text
}

/** The lines that one text has and the other has not. */
function difference(before: string, after: string): { gone: string[]; come: string[] } {
  const [was, is] = [before.split('\n'), after.split('\n')]
  return { gone: was.filter((line) => !is.includes(line)), come: is.filter((line) => !was.includes(line)) }
}

describe('a change in wrangler.toml', () => {
  it('replaces a value where it stands, and nothing else', () => {
    const after = edited(SHIPPED, { table: '', key: 'name', value: 'harbour' })
    expect(difference(SHIPPED, after)).toEqual({ gone: ['name = "success-url"'], come: ['name = "harbour"'] })
  })

  it('takes the place of the line that shows it commented out, and leaves the comment behind it', () => {
    const before = '[vars]\nA = 1\n# PENDING_URL = "https://example.com/x"   # default: the thank-you page\nB = 2\n'
    const change: Change = { table: 'vars', key: 'PENDING_URL', value: 'https://shop.test/wait' }
    expect(edited(before, change)).toBe('[vars]\nA = 1\nPENDING_URL = "https://shop.test/wait"   # default: the thank-you page\nB = 2\n')
  })

  it('chooses among several such lines the one that is written its way', () => {
    const value = [{ pattern: 'example.com/checkout/*', zone_name: 'example.com' }]
    const after = edited(SHIPPED, { table: '', key: 'routes', value, like: /zone_name/ })
    expect(difference(SHIPPED, after).gone).toEqual(['# routes = [{ pattern = "example.com/checkout/*", zone_name = "example.com" }]'])
    expect(parse(after).routes).toEqual(value)
  })

  it('is not put under another table that has the same key', () => {
    const before =
      '[env.staging.vars]\nTHANK_YOU_URL = "https://a.test"\n[vars]\nTHANK_YOU_URL = "https://b.test"\n[other]\nTHANK_YOU_URL = "https://c.test"\n'
    expect(edited(before, { table: 'vars', key: 'THANK_YOU_URL', value: 'https://d.test' })).toBe(before.replace('b.test', 'd.test'))
  })

  it('adds what is shown nowhere after the last setting of its table', () => {
    expect(
      edited(
        'a = 1\n\n[vars]\nB = 1 # one\n\n[t]\nc = 2\n',
        { table: 'vars', key: 'C', value: { x: ['y'] } },
        { table: '', key: 'd', value: true },
      ),
    ).toBe('a = 1\nd = true\n\n[vars]\nB = 1 # one\nC = { x = ["y"] }\n\n[t]\nc = 2\n')
  })

  it('adds the table itself when there is none', () => {
    expect(edited('a = 1', { table: 'vars', key: 'B', value: 'c' })).toBe('a = 1\n\n[vars]\nB = "c"\n')
  })

  it('comments out what is taken back, over all of its lines, and puts it in force again later', () => {
    const before = 'routes = [\n  { pattern = "a.test", custom_domain = true }, # ours\n]\nworkers_dev = false\n'
    const without = edited(before, { table: '', key: 'routes' })
    expect(without).toBe('# routes = [\n#   { pattern = "a.test", custom_domain = true }, # ours\n# ]\nworkers_dev = false\n')
    expect(parse(without)).toEqual({ workers_dev: false })
  })

  it('finds its way past values over several lines, with brackets, quotes and equals signs in them', () => {
    const before = '[vars]\nA = """\n[vars]\nB = "not this one"\n"""\nC = [\n  "]", # B = 3\n  \'#\',\n]\nB = \'this one\'\n'
    expect(edited(before, { table: 'vars', key: 'B', value: 'new' })).toBe(before.replace("'this one'", '"new"'))
  })

  it('keeps the line ends of Windows', () => {
    const before = 'name = "a"\r\n\r\n[vars]\r\n# X = "1"\r\n'
    expect(edited(before, { table: 'vars', key: 'X', value: '2' }, { table: 'vars', key: 'Y', value: '3' })).toBe(
      'name = "a"\r\n\r\n[vars]\r\nX = "2"\r\nY = "3"\r\n',
    )
  })

  it('changes not a byte for what is there already, however it is written', () => {
    const before = "[vars]\nLINKS = { 'pro' = 'https://a.test' } # mine\n"
    expect(edited(before, { table: 'vars', key: 'LINKS', value: { pro: 'https://a.test' } })).toBe(before)
  })

  it.each([
    ['no TOML', 'name = \n'],
    ['variables in one line with their table', 'vars = { A = "b" }\n'],
    ['routes as a list of tables', '[[routes]]\npattern = "a.test"\n'],
    ['a name in quotes', '"name" = "a"\n'],
  ])('is refused, and not forced, where it cannot be made safely: %s', (_, text) => {
    const changes: Change[] = [
      { table: 'vars', key: 'X', value: '1' },
      { table: '', key: 'name', value: 'b' },
      { table: '', key: 'routes', value: [{ pattern: 'b.test', custom_domain: true }] },
    ]
    expect(editToml(text, changes)).toMatchObject({ is: 'refused' })
  })
})

describe('any changes at all', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('a"b', "it's", '#no', 'a\\b', 'x = [', '"""', '\n', '\t'),
  )
  const key = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/), text)
  const value: fc.Arbitrary<Value> = fc.oneof(
    text,
    fc.boolean(),
    fc.integer({ min: -9999, max: 9999 }),
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(key, fc.array(text, { maxLength: 2 }), { maxKeys: 3 }),
    fc.dictionary(key, text, { maxKeys: 3 }),
  )
  const names = ['THANK_YOU_URL', 'PENDING_URL', 'THANK_YOU_PAGES', 'ONLY', 'LINKS', 'VERIFY_BUDGET_MS', 'NEW_ONE']
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.record({ table: fc.constant('vars' as const), key: fc.constantFrom(...names), value }),
    fc.record({ table: fc.constant('vars' as const), key: fc.constantFrom(...names) }),
    fc.record({ table: fc.constant('' as const), key: fc.constant('name'), value: text }),
    fc.record({ table: fc.constant('' as const), key: fc.constant('workers_dev'), value: fc.boolean() }),
    fc.constantFrom<Change>(
      { table: '', key: 'routes', value: [{ pattern: 'a.test', custom_domain: true }], like: /custom_domain/ },
      { table: '', key: 'routes', value: [{ pattern: 'a.test/c/*', zone_name: 'a.test' }], like: /zone_name/ },
      { table: '', key: 'routes' },
    ),
  )
  const changes = fc.uniqueArray(change, { maxLength: 6, selector: ({ table, key }) => `${table}.${key}` })

  /** The data as it should be, by no other way than the data itself. */
  function expected(before: string, all: readonly Change[]): unknown {
    const data = JSON.parse(JSON.stringify(parse(before)))
    for (const { table, key, value } of all) {
      if (table && value !== undefined) data[table] ??= {}
      const place = table ? data[table] : data
      if (value !== undefined) place[key] = value
      else if (place) delete place[key]
    }
    return data
  }

  /** Comments that say something: those that only show a setting give way to it. */
  function prose(toml: string): string[] {
    return toml.split(/\r?\n/).filter((line) => /^\s*#/.test(line) && !/^\s*#\s*\w+\s*=/.test(line))
  }

  const data = (toml: string) => JSON.parse(JSON.stringify(parse(toml)))

  it('leave the shipped file with exactly these changes, and with all of its comments', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const after = edited(SHIPPED, ...all)
        expect(data(after)).toEqual(expected(SHIPPED, all))
        expect(prose(after)).toEqual(expect.arrayContaining(prose(SHIPPED)))
      }),
      { numRuns: 150 },
    )
  })

  it('may be made one after the other', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const after = edited(edited(SHIPPED, ...first), ...second)
        expect(data(after)).toEqual(expected(edited(SHIPPED, ...first), second))
      }),
      { numRuns: 80 },
    )
  })

  it('leave a file that lost lines, order or its form either right or alone', () => {
    const lines = SHIPPED.split('\n')
    const mutilated = fc
      .record({
        lost: fc.uniqueArray(fc.nat(lines.length - 1), { maxLength: 40 }),
        indented: fc.uniqueArray(fc.nat(lines.length - 1), { maxLength: 20 }),
        added: fc.array(
          fc.constantFrom('A = """', '"""', 'x = [', ']', '[vars]', '[other]', '"q" = 1', 'a.b = 2', '# ONLY = [1]', "Y = '''#'''"),
          { maxLength: 3 },
        ),
        at: fc.nat(lines.length - 1),
        isWindows: fc.boolean(),
      })
      .map(({ lost, indented, added, at, isWindows }) => {
        const kept = lines.flatMap((line, place) => {
          const one = indented.includes(place) ? `\t ${line}  ` : line
          return [...(place === at ? added : []), ...(lost.includes(place) ? [] : [one])]
        })
        return kept.join(isWindows ? '\r\n' : '\n')
      })
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(mutilated, changes, (before, all) => {
        const edit = editToml(before, all)
        outcomes.add(edit.is)
        if (edit.is === 'refused') return
        expect(data(edit.text)).toEqual(expected(before, all))
        expect(prose(edit.text)).toEqual(expect.arrayContaining(prose(before)))
      }),
      { numRuns: 400 },
    )
    expect([...outcomes].sort()).toEqual(['edited', 'refused'])
  })
})
