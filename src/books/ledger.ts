import { DurableObject } from 'cloudflare:workers'
import { redrive } from '../arrivals.ts'
import type { Env } from '../env.ts'
import { log, logFault } from '../log.ts'
import { DAY, HOUR } from '../order/timing.ts'
import { PROVIDERS } from '../providers/index.ts'
import { type Settings, settingsFor } from '../settings.ts'
import { tell } from './alert.ts'
import type { WebhookNote } from './books.ts'
import { proveDay } from './daily-proof.ts'
import { Expectations } from './expectations.ts'
import { incidentsIn, type ListState, type ProviderState, raisedAfter } from './incidents.ts'
import { afterTurn, type Job, type ListJob, nextJob, nextTurn, type Turn, woken } from './jobs.ts'
import type { Owed } from './movement.ts'
import { Movements } from './movements.ts'
import { Notebook } from './notebook.ts'
import type { Overview, Standing } from './overview.ts'
import { dayOf, plan } from './plan.ts'
import { listStateOf, noteList, noteStarts, providerStates, startOf } from './provider-states.ts'
import { sweepOn } from './sweep.ts'
import { PER_TURN, takeUp, wakeOrders } from './take-up.ts'
import { readWebsite } from './website.ts'

/** For lists that cannot be read the proof waits no longer. */
const PROOF_PATIENCE = 6 * HOUR
const PROOFS_KEPT = 7
const MAX_HOSTS = 5
/** Between fifty orders that are looked at again. */
const REOPEN_PAUSE = 60_000

/**
 * The books: one row per movement of money, and what watches over them. The cron run only wakes it; it then works in turns
 * of its own, a page or a request each, and goes on where it was after a crash.
 */
export class Ledger extends DurableObject<Env> {
  private readonly settings: Settings
  private readonly movements: Movements
  private readonly expectations: Expectations
  private readonly notes: Notebook

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.settings = settingsFor(env)
    this.movements = new Movements(ctx.storage.sql)
    this.expectations = new Expectations(ctx.storage.sql)
    this.notes = new Notebook(ctx.storage.kv)
    noteStarts(this.settings, this.notes)
  }

  // ── What orders tell and ask ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes rows in, each replacing what was told of the same movement before. */
  record(owed: Owed[]): void {
    const now = Date.now()
    for (const one of owed) {
      this.movements.write(one, now)
      if ('origin' in one && one.origin) this.learnHost(one.origin)
    }
    if (owed.some((one) => 'stage' in one && one.stage === 'recorded')) this.notes.put('recordedAt', now)
  }

  standing(provider: string): Standing {
    const modes = this.settings.connections.get(provider)?.lists.map(({ mode }) => mode) ?? []
    // Before the first cron run the set-up is still under way: what comes by itself counts.
    const isBegun = this.notes.get('wokenAt') !== undefined
    const startedAt = Object.fromEntries(modes.map((mode) => [mode, isBegun ? startOf(provider, mode, this.notes) : 0]))
    return { startedAt, imported: this.imported().includes(provider), hosts: this.notes.get('hosts') ?? [] }
  }

  noteWebhook(provider: string, note: WebhookNote): void {
    const known = this.notes.get(`webhook:${provider}`)
    const news = note === 'authentic' ? { verifiedAt: Date.now() } : { refusedAt: Date.now(), refusal: note }
    this.notes.put(`webhook:${provider}`, { ...known, ...news })
  }

  /** What looked like another shop's may be ours, as soon as a new address of ours is known. */
  private learnHost(origin: string): void {
    const { host } = new URL(origin)
    const known = this.notes.get('hosts') ?? []
    if (known.includes(host)) return
    this.notes.put('hosts', [host, ...known].slice(0, MAX_HOSTS))
    const reopening: Job = { name: 'reopen', do: 'reopen', after: '', due: Date.now(), tries: 0 }
    this.save([...this.jobs().filter(({ name }) => name !== reopening.name), reopening])
  }

  /** The providers whose movements are parked, since DataFast imports them by itself. */
  private imported(): string[] {
    if (this.settings.postsImported) return []
    return this.notes.get('website')?.connected.filter((name) => this.settings.connections.has(name)) ?? []
  }

  // ── What the operator asks ──────────────────────────────────────────────────────────────────────────────────────────

  /** @param here - where the page was asked for */
  overview(here: string): Overview {
    // No success URL lies there: buyers go where the visitor's cookie is seen.
    if (!/\.workers\.dev$/.test(new URL(here).hostname)) this.learnHost(here)
    const now = Date.now()
    const month = now - 30 * DAY
    return {
      providers: this.providers(),
      website: this.notes.get('website'),
      imported: this.imported(),
      movements: this.movements.latest(50),
      open: this.movements.open(100),
      openCount: this.movements.countOpen(),
      rehearsed: this.movements.rehearsed(10),
      attribution: this.movements.attribution(Math.floor(month / DAY + 1) * DAY),
      cookieSeenAt: this.movements.cookieSeenAt(month),
      wokenAt: this.notes.get('wokenAt'),
      incidents: this.notes.get('incidents') ?? [],
      proofs: this.notes.get('proofs') ?? [],
      isEmpty: this.movements.isEmpty(),
    }
  }

  /** "Try again now", for one order or for all that wait. @returns how many were woken */
  async retry(reference: string | undefined): Promise<number> {
    const open = reference ? this.movements.among([reference]) : this.movements.open(PER_TURN)
    return wakeOrders(this.env, this.movements, open, true)
  }

  /** Everything that is otherwise asked now and then is asked now. */
  check(): void {
    this.notes.forget('day')
    this.begin(Date.now(), true)
  }

  // ── Turns ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The cron run. @param at - when it was scheduled, in ms */
  wake(at: number): void {
    this.notes.put('wokenAt', Date.now())
    this.begin(at)
  }

  private begin(at: number, isAsked = false): void {
    const now = Date.now()
    this.save(woken(this.jobs(), this.plan(at, now), now, isAsked))
  }

  override async alarm(): Promise<void> {
    const job = nextJob(this.jobs(), Date.now())
    if (job) {
      // A turn that kills the runtime has failed already: the others go on, and it comes again later.
      this.save(afterTurn(this.jobs(), { is: 'failed', job }, job, Date.now()))
      const turn = await this.turn(job).catch((error: unknown): Turn => {
        logFault('books', error)
        return { is: 'failed', job }
      })
      // Meanwhile others may have joined: only this one is over.
      this.save(afterTurn(this.jobs(), turn, job, Date.now()))
    } else this.save(this.jobs())
  }

  private jobs(): Job[] {
    return this.notes.get('jobs') ?? []
  }

  private save(jobs: Job[]): void {
    this.notes.put('jobs', jobs)
    const next = nextTurn(jobs)
    void (next === undefined ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(Math.max(next, Date.now())))
  }

  /** What a cron run begins. */
  private plan(at: number, now: number): Job[] {
    const today = dayOf(at)
    const isNewDay = this.notes.get('day') !== today
    this.notes.put('day', today)
    const website = this.notes.get('website')
    // What may pass by itself is asked about again soon, and so is what holds orders up.
    const isUnread = website?.result !== 'ok' || (!!website.unread && !/^(website-id|key-refused)/.test(website.unread))
    const asksWebsite = isNewDay || isUnread || website.connected.length > 0
    const lists = PROVIDERS.flatMap(({ name }) => {
      const listings = this.settings.connections.get(name)?.lists ?? []
      return listings.map((listing) => ({
        provider: name,
        listing,
        state: listStateOf(name, listing, this.notes),
        startedAt: startOf(name, listing.mode, this.notes),
      }))
    })
    return plan({ at, now, isNewDay, asksWebsite: asksWebsite && !!this.settings.dataFast, proved: this.notes.get('proved') }, lists)
  }

  private async turn(job: Job): Promise<Turn> {
    switch (job.do) {
      case 'arrivals':
        return (await redrive(this.env)) ? { is: 'done' } : { is: 'failed', job }
      case 'list':
        return this.sweep(job)
      case 'website':
        if (this.settings.dataFast) this.notes.put('website', await readWebsite(this.settings.dataFast, this.notes.get('website')))
        return { is: 'done' }
      case 'overdue':
        await takeUp(this.env, this.movements, {
          imported: this.imported(),
          isDataFastWell: this.notes.get('website')?.result === 'ok',
          providers: this.providers(),
        })
        return { is: 'done' }
      case 'reopen':
        return this.reopen(job)
      case 'proof':
        return this.prove(job)
      case 'trim':
        this.movements.trim(Date.now())
        this.expectations.trim(Date.now() - 5 * DAY)
        return { is: 'done' }
      case 'alerts':
        await this.raise()
        return { is: 'done' }
    }
  }

  // ── The sweep ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private async sweep(job: Job & ListJob): Promise<Turn> {
    const { provider, list, mode, tally, begunAt } = job
    const listing = this.settings.connections.get(provider)?.lists.find((one) => one.name === list && one.mode === mode)
    // Switched off meanwhile.
    if (!listing) return { is: 'done' }
    const startedAt = startOf(provider, mode, this.notes)
    // The days around the one that is proved: clocks differ around midnight.
    const recent = tally && dayOf(Date.parse(tally) - 2 * DAY)
    const swept = await sweepOn(this.env, listing, job, {
      startedAt,
      books: (references) => this.movements.among(references),
      tally: (listed) => {
        if (recent) this.expectations.add(listed.filter(({ at, toldMinor }) => at >= recent && toldMinor === undefined))
      },
    })
    const state = listStateOf(provider, listing, this.notes)
    const note = (news: Partial<ListState>) => noteList(provider, { ...state, checkedAt: Date.now(), ...news }, this.notes)
    if (swept.is === 'failed') {
      log('loud', { event: 'sweep', provider, list, reason: swept.reason })
      note({ result: swept.reason })
      return { ...swept, job: { ...job, ...swept.job } }
    }
    if (swept.is === 'on') {
      note({ result: 'ok' })
      return { is: 'again', job: { ...job, ...swept.job }, pauseMs: swept.pauseMs }
    }
    note({ result: 'ok', watermark: begunAt, rereadAt: job.isDeep ? begunAt : state.rereadAt, tallied: tally ?? state.tallied })
    return swept
  }

  /** Looks at orders again that were left out as another shop's. */
  private async reopen(job: Job & { do: 'reopen'; after: string }): Promise<Turn> {
    const rows = this.movements.leftOut('other-success-url', job.after, PER_TURN)
    await wakeOrders(this.env, this.movements, rows, true)
    const last = rows.at(-1)
    if (!last || rows.length < PER_TURN) return { is: 'done' }
    return { is: 'again', job: { ...job, after: last.reference }, pauseMs: REOPEN_PAUSE }
  }

  // ── Proof and alerts ────────────────────────────────────────────────────────────────────────────────────────────────

  private async prove(job: Job & { do: 'proof'; day: string; since: number }): Promise<Turn> {
    const { day, since } = job
    const providers = this.providers()
    const lists = providers.flatMap((provider) => provider.lists.map((list) => ({ provider: provider.name, ...list })))
    const unread = lists.flatMap(({ provider, list, tallied }) => (tallied === day ? [] : [`${provider} ${list}`]))
    if (unread.length && Date.now() - since < PROOF_PATIENCE) return { is: 'failed', job, untilWoken: true }
    const { env, settings, movements, expectations } = this
    const starts = new Map(providers.map(({ name, startedAt }) => [name, startedAt]))
    const proof = await proveDay(day, unread, { env, settings, movements, expectations, website: this.notes.get('website'), starts })
    this.notes.put('proved', day)
    if (!proof) return { is: 'done' }
    const others = this.notes.get('proofs')?.filter((other) => other.day !== day) ?? []
    this.notes.put('proofs', [proof, ...others].slice(0, PROOFS_KEPT))
    const { orders, findings } = proof
    log(findings.length ? 'loud' : 'quiet', { event: 'proof', day, orders, findings: findings.length })
    return { is: 'done' }
  }

  private async raise(): Promise<void> {
    const now = Date.now()
    const { alertUrl, publicUrl, basePath, statusToken } = this.settings
    const holding = incidentsIn({
      now,
      providers: this.providers(),
      website: this.notes.get('website'),
      imported: this.imported(),
      open: [...this.movements.open(500).filter(({ stage }) => stage !== 'parked'), ...this.movements.parked(500)],
      recordedAt: this.notes.get('recordedAt') ?? 0,
      proof: this.notes.get('proofs')?.[0],
    })
    const raised = raisedAfter(this.notes.get('incidents') ?? [], now, holding)
    const host = publicUrl?.host ?? this.notes.get('hosts')?.[0]
    const page = statusToken && host ? ` https://${host}${basePath}/status` : ''
    this.notes.put('incidents', await tell(raised, alertUrl, page))
  }

  private providers(): ProviderState[] {
    return providerStates(this.settings, this.notes, this.movements)
  }
}
