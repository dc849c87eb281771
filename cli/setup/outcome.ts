import type { Deployed } from './deploy.ts'
import type { KeyResult } from './key-check.ts'
import type { BuyButton, Paste } from './paste.ts'
import { describePastes } from './report.ts'

/** What `--json` prints. */
export type Outcome = {
  readonly ok: boolean
  /** The files that were written. */
  readonly written: readonly string[]
  /** With `--print`, or where a file cannot be changed safely: what is to stand where. */
  readonly toWrite?: readonly { file: string; lines: readonly string[] }[]
  /** `address`: what every address begins with; absent until a first deployment tells it. */
  readonly worker?: { readonly name: string; readonly install: string; readonly address: string | null }
  readonly keys: readonly KeyReport[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  readonly paste: readonly Paste[]
  readonly buyButtons: readonly BuyButton[]
  readonly statusPage?: string
  readonly thankYouUrl?: string
  readonly deployed: Deployed['is'] | 'no'
  /** What the deployed Worker said of itself. */
  readonly health?: string
  readonly next: readonly string[]
}

/** `permission`: what the key lacks. */
export type KeyReport = {
  readonly setting: string
  readonly result: KeyResult['is']
  readonly text: string
  readonly permission?: readonly string[]
}

/** What is answered when nothing was even begun. */
export function failure(problem: string): Outcome {
  const nothing = { written: [], keys: [], warnings: [], paste: [], buyButtons: [], deployed: 'no', next: [] } as const
  return { ok: false, problems: [problem], ...nothing }
}

/** The same for people. */
export function describeOutcome(outcome: Outcome): string {
  const { written, toWrite, keys, problems, warnings, next } = outcome
  const section = (title: string, lines: readonly string[]) => (lines.length ? ['', title, ...lines.map((line) => `  ${line}`)] : [])
  const lines = [
    written.length ? `Written: ${written.join(', ')}.` : 'Nothing was written.',
    ...section('To be written', toWrite?.flatMap(({ file, lines }) => [file, ...lines.map((line) => `  ${line}`)]) ?? []),
    ...section(
      'Keys',
      keys.map(({ setting, text }) => `${setting}: ${text}`),
    ),
    ...section('To be mended', problems),
    ...section('Worth knowing', warnings),
    ...pasteLines(outcome),
    ...section('Next', [...(outcome.health ? [outcome.health] : []), ...next]),
  ]
  return `${lines.join('\n')}\n`
}

function pasteLines({ paste, buyButtons, statusPage = '', worker, thankYouUrl = '' }: Outcome): string[] {
  if (!worker) return []
  const base = statusPage.replace(/\/status$/, '')
  const isOnWorkersDev = /\.workers\.dev(\/|$)/.test(base)
  return [
    '',
    'What to paste where',
    ...describePastes({
      pastes: paste,
      buyButtons,
      base,
      thankYouUrl,
      isOnPath: worker.install === 'path',
      isOnWorkersDev,
      isGuessed: !worker.address,
    }),
  ]
}
