/** A closed loop: so many connections, each of which sends the next request as soon as it has its answer. */
import { Agent, request } from 'node:http'
import type { Answer, Call, Mix, Step, What } from './mix.ts'

/** Later than any answer may come. */
const NO_ANSWER_MS = 15_000
/** The local runtime closes a connection that has been silent for five seconds. */
const IDLE_MS = 3_000
const REPEAT_AFTER_MS = 2_000

/** One answered request. `at`: when, `ms`: how long after it was sent. */
export type Timing = { what: What; at: number; ms: number; outcome: string | undefined }

export class Load {
  readonly timings: Timing[] = []
  /** What was wrong with answers, in words, and how often. */
  readonly wrong = new Map<string, number>()
  /** Webhooks that were not taken, and were sent again. */
  notStored = 0
  slowestMs = 0
  private readonly url: URL
  private readonly mix: Mix
  /** What is to come, the latest first. */
  private readonly agenda: Step[] = []
  private wanted = 0
  private running = 0
  private isTakingNew = true
  private readonly idle: (() => void)[] = []

  constructor(url: URL, mix: Mix) {
    this.url = url
    this.mix = mix
  }

  get connections(): number {
    return this.wanted
  }

  /** How many requests are under way at the same time from now on. */
  resize(connections: number): void {
    this.wanted = connections
    while (this.running < connections) {
      this.running += 1
      void this.connection()
    }
  }

  /** Nobody new comes; resolves when everybody who came has done what they were to do. */
  async drain(): Promise<void> {
    this.isTakingNew = false
    while (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private async connection(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: IDLE_MS })
    while (this.running <= this.wanted) {
      const step = this.nextStep()
      if (step === 'none') break
      if (step === 'not yet') await new Promise((resolve) => setTimeout(resolve, 20))
      else await this.perform(step, agent)
    }
    agent.destroy()
    this.running -= 1
    for (const resolve of this.idle.splice(0)) resolve()
  }

  /** What is due comes before anybody new. */
  private nextStep(): Step | 'not yet' | 'none' {
    const now = Date.now()
    const next = this.agenda.at(-1)
    if (next && next.due <= now) return this.agenda.pop() ?? 'none'
    if (!this.isTakingNew) return next ? 'not yet' : 'none'
    for (const step of this.mix.next(now)) this.plan(step)
    return this.agenda.pop() ?? 'none'
  }

  private plan(step: Step): void {
    let [low, high] = [0, this.agenda.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.agenda[middle]?.due ?? 0) > step.due) low = middle + 1
      else high = middle
    }
    this.agenda.splice(low, 0, step)
  }

  private async perform(step: Step, agent: Agent): Promise<void> {
    const again: Call[] = []
    for (const call of step.make()) {
      const startedAt = performance.now()
      const answer = await send(this.url, call, agent).catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
      const ms = performance.now() - startedAt
      this.slowestMs = Math.max(this.slowestMs, ms)
      if (typeof answer === 'string') {
        this.note(`${call.what}: ${answer}`)
        continue
      }
      this.timings.push({ what: call.what, at: Date.now(), ms, outcome: answer.outcome })
      const wrong = call.judge(answer)
      if (wrong) this.note(wrong)
      if (call.what === 'webhook' && answer.status === 503) again.push(call)
    }
    this.notStored += again.length
    if (again.length) this.plan({ due: Date.now() + REPEAT_AFTER_MS, make: () => again, done: () => step.done?.() })
    else step.done?.()
  }

  private note(wrong: string): void {
    this.wrong.set(wrong, (this.wrong.get(wrong) ?? 0) + 1)
  }
}

function send(url: URL, { method, path, headers, body }: Call, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url.origin + path, { method, agent, headers: { host: 'pay.example.com', ...headers } }, (response) => {
      const { location, 'x-checkout-outcome': outcome } = response.headers
      response.on('error', reject)
      response.resume().on('end', () => {
        resolve({ status: response.statusCode ?? 0, location, outcome: outcome === undefined ? undefined : String(outcome) })
      })
    })
    call.setTimeout(NO_ANSWER_MS, () => call.destroy(new Error('no answer')))
    call.on('error', reject).end(body)
  })
}
