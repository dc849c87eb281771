import type { ListState, Raised, WebhookState } from './incidents.ts'
import type { Job } from './jobs.ts'
import type { DayProof } from './proof.ts'
import type { Website } from './website.ts'

/** What the books know beside their rows, by the key it is stored under. Times in ms since 1970. Docs: docs/storage.md. */
type Notes = {
  jobs: Job[]
  /** The hosts where buyers and events have reached this Worker, the newest first. */
  hosts: string[]
  website: Website
  incidents: Raised[]
  /** The newest day first. */
  proofs: DayProof[]
  /** The last day that was proved, and the last that a cron run began. */
  proved: string
  day: string
  wokenAt: number
  recordedAt: number
} & {
  /** When a provider was first seen switched on, by the mode of its key. */
  [start: `start:${string}`]: number
  [webhook: `webhook:${string}`]: Partial<WebhookState>
  [list: `list:${string}`]: ListState
}

/** The books' own notes. Each is read from the storage once: every order asks for some of them, and nobody else writes there. */
export class Notebook {
  private readonly kv: SyncKvStorage
  private readonly known = new Map<keyof Notes, unknown>()

  constructor(kv: SyncKvStorage) {
    this.kv = kv
  }

  get<Key extends keyof Notes>(key: Key): Notes[Key] | undefined {
    if (!this.known.has(key)) this.known.set(key, this.kv.get(key))
    return this.known.get(key) as Notes[Key] | undefined
  }

  put<Key extends keyof Notes>(key: Key, value: Notes[Key]): void {
    this.kv.put(key, value)
    this.known.set(key, value)
  }

  forget(key: keyof Notes): void {
    this.kv.delete(key)
    this.known.delete(key)
  }
}
