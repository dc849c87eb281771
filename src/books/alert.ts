import { exchange } from '../outgoing.ts'
import type { Raised } from './incidents.ts'

const TIMEOUT_MS = 8_000
/** The rest follows at the next cron run. */
const MESSAGES_AT_ONCE = 20

/**
 * Sends what is due of the incidents: a message when one begins, another when it is over.
 *
 * @param to - without an address nobody is told; whoever sets one later hears of what still holds
 * @param about - ends every message: where to look
 * @returns the incidents that are left, each as far as it is told
 */
export async function tell(raised: readonly Raised[], to: URL | undefined, about: string): Promise<Raised[]> {
  const untold = new Set(raised.filter(({ isTold, isOver }) => !isTold || isOver).slice(0, MESSAGES_AT_ONCE))
  const told = await Promise.all(
    raised.map((incident) => {
      const { text, isOver } = incident
      if (!to) return isOver
      return untold.has(incident) && post(to, `${isOver ? 'Over: ' : ''}${text}${about}`)
    }),
  )
  return raised.flatMap((incident, place) => {
    if (incident.isOver) return told[place] ? [] : [incident]
    return [{ ...incident, isTold: incident.isTold || !!told[place] }]
  })
}

/**
 * Slack reads `text` (docs.slack.dev, incoming webhooks), Discord `content`, ntfy `message`; each ignores the rest. ntfy takes
 * JSON at its root alone, with the topic in it (docs.ntfy.sh/publish).
 *
 * @returns whether it was taken
 */
async function post(to: URL, message: string): Promise<boolean> {
  const isNtfy = to.hostname.startsWith('ntfy.') && to.pathname.length > 1 && !to.search
  const topic = isNtfy ? { topic: to.pathname.slice(1) } : {}
  const body = { text: message, content: message, message, title: 'success-url', ...topic }
  const { status } = await exchange(isNtfy ? to.origin : to.href, { 'content-type': 'application/json' }, TIMEOUT_MS, JSON.stringify(body))
  return status >= 200 && status < 300
}
