import * as v from 'valibot'
import { lenient } from '../../src/lenient.ts'
import { exchange, parseJson } from '../../src/outgoing.ts'

const PATIENCE_MS = 8_000

/** What a deployed Worker says of itself, or that it does not say anything yet. `text`: one sentence. */
export type Health = { readonly is: 'ok' | 'misconfigured' | 'not-there-yet'; readonly text: string; readonly problems: readonly string[] }

const Report = v.object({ status: v.picklist(['ok', 'misconfigured']), problems: lenient(v.array(v.string())) })

/** Asks once. @param base - the Worker's address with its base path */
export async function askHealth(base: string): Promise<Health> {
  const url = `${base}/health`
  const { status, text } = await exchange(url, {}, PATIENCE_MS)
  const report = v.safeParse(Report, parseJson(text))
  if (report.success) {
    const { status: word, problems } = report.output
    return { is: word, text: word === 'ok' ? `${url} says: ok.` : `${url} says what is to be mended.`, problems: problems ?? [] }
  }
  const what = status ? `${url} answers with ${status}, and not as this Worker does` : `${url} cannot be reached yet`
  return { is: 'not-there-yet', text: `${what}. DNS and the certificate of a new host may take a few minutes: open it then.`, problems: [] }
}
