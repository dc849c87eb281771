/** The simulated internet between the Worker and the simulated services: it takes time, and things break on it. */
import { World } from '../../sandbox/world/world.ts'
import type { Dice } from './dice.ts'
import type { Runtime } from './runtime.ts'
import type { Trouble } from './trouble.ts'

/** How long an answer takes, in ms: from … to, mostly near the former. */
const TAKES: Record<string, readonly [number, number]> = { datafast: [120, 900] }
const USUALLY = [60, 700] as const

export class Internet {
  readonly world: World
  /** How often each transaction was posted, whether or not an answer came back. */
  readonly posts = new Map<string, number>()
  /** When each transaction was first in DataFast's ledger, and first under a visitor, in ms. */
  readonly recordedAt = new Map<string, number>()
  readonly attributedAt = new Map<string, number>()
  private readonly dice: Dice
  private readonly trouble: Trouble

  constructor(dice: Dice, trouble: Trouble) {
    this.dice = dice
    this.trouble = trouble
    this.world = new World()
  }

  /** @param deadline - when whoever asks gives up, in ms since 1970 */
  fetch(
    runtime: Runtime,
    url: string,
    { deadline = Number.POSITIVE_INFINITY, ...init }: RequestInit & { deadline?: number },
  ): Promise<Response> {
    const { world, dice, trouble } = this
    const { clock } = runtime
    const service = world.nameOf(url)
    const ails = trouble.ofService(service, clock.now, dice)
    const takes = dice.skewed(...(TAKES[service] ?? USUALLY)) + (ails?.is === 'slow' ? ails.ms : 0)
    const ends = ails?.is === 'hang' ? deadline : clock.now + takes
    const transaction = init.method === 'POST' ? transactionOf(String(init.body)) : ''
    if (transaction) this.posts.set(transaction, (this.posts.get(transaction) ?? 0) + 1)
    const act = async (): Promise<Response> => {
      const isDone = !ails || ails.is === 'slow' || ('isDone' in ails && ails.isDone)
      const answer = isDone ? await this.handle(url, init) : undefined
      if (transaction) this.note(transaction, clock.now)
      if (ends >= deadline) throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
      if (ails?.is === 'reset') throw new TypeError('fetch failed')
      if (ails?.is === 'answer') return new Response(ails.body, { status: ails.status, headers: ails.headers })
      if (!answer) throw new TypeError('fetch failed')
      return answer
    }
    return runtime.ask(service === 'datafast' ? 'ask datafast' : 'ask provider', { takes: Math.min(ends, deadline) - clock.now }, act)
  }

  private async handle(url: string, init: RequestInit): Promise<Response> {
    const answer = await this.world.handle(new Request(url, init))
    // Nobody reads the log of a month.
    this.world.calls.length = 0
    return answer
  }

  private note(transaction: string, now: number): void {
    const entry = this.world.dataFast.ledger.get(transaction)
    if (entry && !this.recordedAt.has(transaction)) this.recordedAt.set(transaction, now)
    if (entry?.datafast_visitor_id && !this.attributedAt.has(transaction)) this.attributedAt.set(transaction, now)
  }
}

function transactionOf(body: string): string {
  return /"transaction_id":"([^"]+)"/.exec(body)?.[1] ?? ''
}
