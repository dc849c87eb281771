import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECRET_NAMES } from '../../cli/configuration.ts'
import { editEnv } from '../../cli/setup/env-edit.ts'

const SHIPPED = readFileSync(join(import.meta.dirname, '../../.dev.vars.example'), 'utf8')

function edited(text: string, secrets: Record<string, string>): string {
  const edit = editEnv(text, secrets)
  if (edit.is === 'refused') throw new Error(edit.reason)
  return edit.text
}

describe('a secret in .dev.vars', () => {
  it('is put where its name stands, comments and order kept', () => {
    expect(edited('# one\nA=\n# two\nB=b # why\n', { A: 'x', B: 'y' })).toBe('# one\nA=x\n# two\nB=y # why\n')
  })

  it('takes the place of the line that shows its name commented out', () => {
    expect(edited('# Where it is:\n# A=\nB=b\n', { A: 'x' })).toBe('# Where it is:\nA=x\nB=b\n')
  })

  it('is added at the end when its name is nowhere', () => {
    expect(edited('B=b', { A: 'x' })).toBe('B=b\nA=x\n')
  })

  it('is emptied when it is taken back, and not removed: its place stays', () => {
    expect(edited('A="x y" # z\n', { A: '' })).toBe('A= # z\n')
  })

  it('replaces the one of two that counts', () => {
    expect(edited('A=1\nA=2\n', { A: '3' })).toBe('A=1\nA=3\n')
  })

  it.each([
    ['rk_live_a rk_test_b', '"rk_live_a rk_test_b"'],
    ['a#b', '"a#b"'],
    ['a"b', `'a"b'`],
    ['a$b', "'a$b'"],
    ['a\\nb', "'a\\nb'"],
    [`a"b'c`, `\`a"b'c\``],
  ])('with characters of a meaning of their own is quoted: %s', (secret, written) => {
    expect(edited('A=\n', { A: secret })).toBe(`A=${written}\n`)
  })

  it('that no quotes can hold is refused, by its name and not by its value', () => {
    const edit = editEnv('A=\n', { A: 'x\ny' })
    expect(edit).toMatchObject({ is: 'refused', reason: expect.stringContaining('A') })
    expect(JSON.stringify(edit)).not.toContain('x\\ny')
  })

  it('changes not a byte when it is there already', () => {
    const text = "export A='x y'   # mine\n"
    expect(edited(text, { A: 'x y' })).toBe(text)
  })
})

describe('any secrets at all', () => {
  const secret = fc.oneof(
    fc.stringMatching(/^[!-~]{0,40}$/),
    fc.constantFrom('a b', ' # ', "'", '"', '`', 'ä', 'A=B', '$HOME', '\\', '"a\'b`'),
  )
  const secrets = fc.dictionary(fc.constantFrom(...SECRET_NAMES, 'NEW'), secret, { maxKeys: 6 })
  const comments = (text: string) => text.split(/\r?\n/).filter((line) => /^#(?!\s*\w+=)/.test(line))

  it('leave the shipped file with exactly these changes and all of its comments, or are refused', () => {
    fc.assert(
      fc.property(secrets, fc.boolean(), (all, isWindows) => {
        const before = isWindows ? SHIPPED.replaceAll('\n', '\r\n') : SHIPPED
        const edit = editEnv(before, all)
        if (edit.is === 'refused') return
        // An empty one and one that is not there are the same to whoever reads them.
        const set = (text: string) => Object.fromEntries(Object.entries(parseEnv(text)).filter(([, value]) => value))
        const wanted = Object.fromEntries(Object.entries({ ...set(before), ...all }).filter(([, value]) => value))
        expect(set(edit.text)).toEqual(wanted)
        expect(comments(edit.text)).toEqual(comments(before))
      }),
      { numRuns: 300 },
    )
  })

  it('of letters, digits and the marks that keys have are never refused', () => {
    const key = fc.stringMatching(/^[\w.:/+=@%~,-]{1,60}$/)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...SECRET_NAMES), key, { maxKeys: 8 }), (all) => {
        expect(parseEnv(edited(SHIPPED, all))).toMatchObject(all)
      }),
      { numRuns: 150 },
    )
  })

  it('leave a file that is put together at random either right or alone', () => {
    const line = fc.constantFrom(
      'A=1',
      'A="1',
      'x"',
      "B='a",
      "b'",
      '# A=',
      '#A=2',
      'export B=3',
      ' A = 4 # c',
      'B=`q`',
      '',
      'noise',
      'A=\\',
      'NEW="a # b"',
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.dictionary(fc.constantFrom('A', 'B', 'NEW'), secret, { maxKeys: 3 }),
        (lines, all) => {
          const before = lines.join('\n')
          const edit = editEnv(before, all)
          if (edit.is === 'refused') return
          const wanted: Record<string, string | undefined> = { ...parseEnv(before) }
          for (const [name, value] of Object.entries(all)) if (value || wanted[name]) wanted[name] = value
          expect({ ...parseEnv(edit.text) }).toEqual(wanted)
        },
      ),
      { numRuns: 400 },
    )
  })
})
