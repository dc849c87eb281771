import type { DataFastAccount } from '../../src/datafast.ts'
import { requestTo } from '../../src/datafast.ts'
import { deletionOf } from './experiment.ts'
import { type Line, wordsOf } from './line.ts'
import { readRevenue } from './website.ts'

/** An outage may pass. */
const TRIES = 3

/** The totals may lag behind: they are read so often before a difference counts. */
const READINGS = 5
const NOTHING = 0.005

/** What could not be deleted, why, and how to do it by hand. */
type Left = { id: string; reason: string; command: string }

/** What became of all that was posted. `difference`: by how much the totals are not what they were; `undefined`: not known. */
export type Cleaned = { deleted: string[]; left: Left[]; difference: number | undefined }

type Means = { line: Line; account: DataFastAccount; keySetting: string; before: number }

/**
 * Deletes what a probe has made, each by its own transaction id, and nothing else.
 * @param gone - told of each id that is no longer there, so that whoever cannot wait for the end knows what is left
 */
export async function cleanUp(ids: readonly string[], means: Means, gone: (id: string) => void): Promise<Cleaned> {
  const { line, account, keySetting } = means
  const deleted: string[] = []
  const absent: string[] = []
  const left: Left[] = []
  const leave = (id: string, reason: string) => left.push({ id, reason, command: commandFor(id, account, keySetting) })
  for (const id of ids) {
    // What failed three times will hardly work the next time.
    const outcome = await deleteOne(line, id, left.length ? 1 : TRIES)
    if (outcome.is === 'left') {
      leave(id, outcome.reason)
      continue
    }
    const list = outcome.is === 'deleted' ? deleted : absent
    list.push(id)
    gone(id)
  }
  const difference = await differenceOf(means)
  // It says that all is gone, and the totals say otherwise.
  if (difference && !left.length)
    for (const id of [...deleted, ...absent]) leave(id, 'DataFast says that it is gone, and the totals do not')
  return { deleted, left, difference }
}

async function differenceOf({ line, before }: Means): Promise<number | undefined> {
  let difference: number | undefined
  for (let reading = 0; reading < READINGS; reading++) {
    const read = await readRevenue(line, Date.now())
    if (read.is === 'failed') return difference
    difference = Math.round((read.value - before) * 1000) / 1000
    if (Math.abs(difference) < NOTHING) return 0
  }
  return difference
}

type Outcome = { is: 'deleted' | 'absent' } | { is: 'left'; reason: string }

async function deleteOne(line: Line, id: string, tries: number): Promise<Outcome> {
  let reason = ''
  for (let attempt = 0; attempt < tries; attempt++) {
    const heard = await line.ask('DELETE', deletionOf(id))
    if (heard.status >= 200 && heard.status < 300) return { is: 'deleted' }
    // What was refused when it was posted is not there to be deleted.
    if (heard.status === 404) return { is: 'absent' }
    reason = wordsOf(heard)
    if (heard.status === 401 || heard.status === 403) break
  }
  return { is: 'left', reason }
}

/**
 * The same request by hand, for a shell in the same folder. The key stands in no command: it is read from where the probe
 * itself has found it, the environment or else .dev.vars, by the Node that the repository brings along.
 */
export function commandFor(id: string, account: DataFastAccount, keySetting: string): string {
  const { url } = requestTo(account, deletionOf(id))
  const key = `$(npx node --env-file-if-exists=.dev.vars -p process.env.${keySetting})`
  return `curl -X DELETE -H "Authorization: Bearer ${key}" "${url}"`
}
