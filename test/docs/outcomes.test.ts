import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/index.ts'
import { codesOf } from './codes.ts'
import { inlineCode, readPage, section, tableRows } from './markdown.ts'
import { sourcesIn } from './source.ts'

const codes = codesOf(sourcesIn('src'))
const page = readPage('docs/outcomes.md')

/** Words of the code that nobody ever reads. */
const NEVER_SHOWN = new Map([
  ['authentic', 'such a delivery is told by where it was stored'],
  ['duplicate', 'whether DataFast knew a payment makes no difference'],
  ['ended', 'whoever asks for an ended order is told its end'],
  ['provider', 'a visit waits for the provider’s answer and is told that'],
  ['ok', 'a list that was read has nothing to be told'],
])

/** Templates as they are filled in: `key-<name>` is the same as `key-<provider>`. */
function shape(word: string): string {
  return word.replaceAll(/<\w+>/g, '<…>')
}

function shapes(words: Iterable<string>): string[] {
  return [...new Set(Array.from(words, shape))].sort()
}

/** What the tables of a part of the page are about: the words in their first column. */
function explained(part: string): string[] {
  return tableRows(part).flatMap(([first = '']) => inlineCode(first))
}

describe('docs/outcomes.md', () => {
  it('explains every outcome, and no other', () => {
    expect(shapes(explained(section(page, 'What a visit comes to')))).toEqual(shapes(codes.outcomes))
  })

  it('explains every event of the log, and no other', () => {
    expect(shapes(explained(section(page, 'The lines of the log')))).toEqual(shapes(codes.events))
  })

  it('explains every check, every stage and every reason for a missing visitor', () => {
    const shown = section(page, 'The status page')
    expect(shapes(explained(shown))).toEqual(shapes([...codes.checks, ...codes.stages, ...codes.misses]))
  })

  it('explains every reason that is written anywhere in the code', () => {
    const reasons = Array.from(codes.reasons).filter((word) => !NEVER_SHOWN.has(word))
    // Those that are shown nowhere stand in a sentence.
    const sentences = page.prose.split('\n').filter((line) => !line.startsWith('|'))
    const words = new Set([...explained(page.prose), ...sentences.flatMap(inlineCode)].map(shape))
    expect(reasons.map(shape).filter((word) => !words.has(word))).toEqual([])
  })

  it('explains nothing that the code does not know', () => {
    const known = new Set(shapes([...codes.outcomes, ...codes.events, ...codes.reasons, ...codes.checks, ...codes.stages, ...codes.misses]))
    expect(
      explained(page.prose)
        .map(shape)
        .filter((word) => !known.has(word)),
    ).toEqual([])
  })

  it('has one row for each word in a table about reasons', () => {
    const about = [
      'Why a visit',
      'Why a link',
      'Why a webhook',
      'How an order ends',
      'Why an order waits',
      'What the provider said',
      'What went wrong on the way',
    ]
    const words = about.flatMap((heading) => explained(section(page, heading)))
    expect(words.filter((word, place) => words.indexOf(word) !== place)).toEqual([])
  })
})

describe('What to do when something is off', () => {
  const troubles = [['README.md', 'Troubleshooting'], ...PROVIDERS.map(({ name }) => [`docs/${name}.md`, 'When something is off'])] as const

  it.for(troubles)('is keyed by words that the code knows, in %s', ([path = '', heading = '']) => {
    const known = [...codes.outcomes, ...codes.reasons].map((word) => new RegExp(`^${shape(word).replace('<…>', '\\w+')}$`))
    const keys = explained(section(readPage(path), heading))
    expect(keys.filter((key) => !known.some((word) => word.test(key)))).toEqual([])
    expect(keys.length).toBeGreaterThan(4)
  })
})

describe('What the code is asked for', () => {
  it('is found: no reason is written in a way that cannot be told', () => {
    expect(codes.unreadable).toEqual([])
  })

  it('is not found by chance: a reason of every kind is among them', () => {
    const { reasons } = codes
    for (const word of [
      'placeholder',
      'slow',
      'attached',
      'signature-stale',
      'kv',
      'attributed-late',
      'other-success-url',
      'unclear-scale',
    ]) {
      expect(reasons).toContain(word)
    }
    for (const word of ['past_due', 'uncollectible', 'key-refused-<status>', 'announced-unknown', 'website-id', 'too-long', 'held']) {
      expect(reasons).toContain(word)
    }
    expect(reasons.size).toBeGreaterThan(120)
    expect(codes.events.size).toBeGreaterThan(10)
  })

  it('holds every word that is said to be never shown', () => {
    expect(Array.from(NEVER_SHOWN.keys()).filter((word) => !codes.reasons.has(word))).toEqual([])
  })
})
