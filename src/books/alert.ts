import { exchange } from '../outgoing.ts'

const TIMEOUT_MS = 8_000

/**
 * Sends one message. Slack reads `text` (docs.slack.dev, incoming webhooks), Discord `content`, ntfy `message`; each ignores
 * the rest. ntfy takes JSON at its root alone, with the topic in it (docs.ntfy.sh/publish).
 *
 * @returns whether it was taken
 */
export async function alert(to: URL, message: string): Promise<boolean> {
  const isNtfy = to.hostname.startsWith('ntfy.') && to.pathname.length > 1 && !to.search
  const topic = isNtfy ? { topic: to.pathname.slice(1) } : {}
  const body = { text: message, content: message, message, title: 'success-url', ...topic }
  const { status } = await exchange(isNtfy ? to.origin : to.href, { 'content-type': 'application/json' }, TIMEOUT_MS, JSON.stringify(body))
  return status >= 200 && status < 300
}
