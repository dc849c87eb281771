import { LINK_GAP, LINK_NAME, readLinks } from '../../src/links.ts'
import { settingReader } from '../../src/setting-reader.ts'
import type { Link } from './answers.ts'

/** What is wrong with a payment link, as the Worker would say it; `undefined` when nothing is. Whose it is may still be told. */
export function wrongWithLink(link: Link): string | undefined {
  const { serious } = readLink(link)
  const told = serious.filter((text) => !text.includes('at no provider’s host'))
  return told[0] && `It ${told[0].replace(/^\S+ /, '')}.`
}

/** Whether the host tells whose link it is. */
export function tellsWhose(link: Link): boolean {
  return readLink(link).provider !== undefined
}

function readLink(link: Link) {
  const setting = settingReader({ LINKS: { link } })
  const provider = readLinks(setting).get('link')?.provider
  return { provider, serious: setting.problems.filter(({ serious }) => serious).map(({ text }) => text) }
}

/** What is wrong with the name of a payment link. */
export function wrongWithLinkName(name: string): string | undefined {
  return LINK_NAME.test(name) ? undefined : 'Letters, digits, - and _ only: it stands in an address.'
}

/** The ids in a list of them, with commas or blanks between. */
export function idsIn(text: string): string[] {
  return text.match(/[^\s,]+/g) ?? []
}

/** What is wrong with a list of ids. */
export function wrongWithIds(text: string): string | undefined {
  if (LINK_GAP.test(text)) return 'It still holds a gap: put the whole id in.'
  return idsIn(text).every((id) => /^[\w=.-]+$/.test(id)) ? undefined : 'Ids only, with commas between.'
}
