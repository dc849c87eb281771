import type { DataFastAccount } from '../../src/datafast.ts'
import { requestTo } from '../../src/datafast.ts'
import { parseJson } from '../../src/outgoing.ts'
import { version } from '../../src/version.ts'

/** The rate limit is not published; one reading of the docs saw "60" as an example. One request a second stays below it. */
const GAP_MS = 1_000
const TIMEOUT_MS = 8_000

/** An answer. Status 0: none arrived, and `text` says why. */
export type Heard = { status: number; text: string }

type Method = 'GET' | 'POST' | 'DELETE'

/** Asks DataFast, one request after the other, with a pause between. Rejects only when `stop` says so. */
export type Line = {
  ask(method: Method, path: string, body?: object): Promise<Heard>
  /** Two at the same moment: the one exception. */
  askTwice(method: Method, path: string, body: object): Promise<[Heard, Heard]>
}

/** Resolves when it is somebody's turn. */
export type Pace = () => Promise<void>

/** One turn after the other. @param gapMs - from one to the next */
export function startPace(gapMs = GAP_MS): Pace {
  let free = Promise.resolve()
  return async () => {
    const turn = free
    const { promise, resolve } = Promise.withResolvers<void>()
    free = promise
    await turn
    setTimeout(resolve, gapMs)
  }
}

/**
 * @param stop - interrupts what is under way, and lets nothing more be asked
 * @param pace - shared by all lines of a program
 */
export function openLine(account: DataFastAccount, stop: AbortSignal | undefined, pace: Pace): Line {
  const inTurn = async <Value>(send: () => Promise<Value>): Promise<Value> => {
    await pace()
    stop?.throwIfAborted()
    const value = await send()
    stop?.throwIfAborted()
    return value
  }
  return {
    ask: (method, path, body) => inTurn(() => send(account, method, path, body, stop)),
    askTwice: (method, path, body) =>
      inTurn(() => Promise.all([send(account, method, path, body, stop), send(account, method, path, body, stop)])),
  }
}

/** As the Worker sends (src/outgoing.ts), and with a method of its own. Redirects are not followed: the key is for DataFast. */
async function send(account: DataFastAccount, method: Method, path: string, body: object | undefined, stop?: AbortSignal): Promise<Heard> {
  const { url, headers } = requestTo(account, path)
  const late = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...{ accept: 'application/json', 'user-agent': `success-url/${version}` },
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: stop ? AbortSignal.any([stop, late]) : late,
    })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    return { status: 0, text: (error as Error).name === 'TimeoutError' ? 'no answer within 8 seconds' : 'not to be reached' }
  }
}

/** DataFast's own words in an answer, shortened; its status where there are none. */
export function wordsOf({ status, text }: Heard): string {
  if (status === 0) return text
  const json = Object(parseJson(text))
  const message = json.error?.message ?? json.message ?? json.data?.[0]?.message
  return typeof message === 'string' ? `${status} “${message.slice(0, 120)}”` : `${status}`
}
