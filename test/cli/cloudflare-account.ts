/** What a Cloudflare account holds, and what each call of its API does to it. No network: simulated-cloudflare.ts listens. */

/** As wrangler uploads it, under names of Cloudflare's API. The text of a secret is kept, to be compared by tests. */
export type Binding = { name: string; type: string; text?: string; namespace_id?: string; class_name?: string; [field: string]: unknown }

/** The part of an upload's metadata that this account heeds. */
export type Upload = {
  main_module?: string
  bindings?: Binding[]
  keep_bindings?: string[]
  migrations?: { old_tag?: string; new_tag: string; steps: Migration[] }
}

type Migration = {
  new_sqlite_classes?: string[]
  new_classes?: string[]
  deleted_classes?: string[]
  renamed_classes?: { from: string; to: string }[]
}

export type Version = {
  id: string
  number: number
  createdOn: string
  bindings: Binding[]
  modules: Map<string, string>
  migrationTag?: string
}

export type Worker = {
  /** Oldest first. */
  versions: Version[]
  /** Newest first. */
  deployments: { id: string; createdOn: string; versionId: string; message: string | undefined }[]
  migrationTag: string | undefined
  /** Class → the storage of its objects. It goes with the Worker. */
  objects: Map<string, string>
  crons: string[]
  routes: string[]
  customDomains: string[]
  workersDev: { enabled: boolean; previews_enabled: boolean }
}

export type Namespace = { title: string; entries: Map<string, string> }

/** What a call comes to: a result, or an error under Cloudflare's own number. */
export type Outcome = { is: 'ok'; result: unknown } | { is: 'refused'; status: number; code: number; message: string }

/** Numbers that wrangler knows (its source: WORKER_NOT_FOUND_ERR_CODE and the like) or prints. */
const REFUSALS = {
  workerUnknown: { status: 404, code: 10007, message: 'This Worker does not exist on your account.' },
  titleTaken: { status: 400, code: 10014, message: 'create namespace: a namespace with this account ID and title already exists' },
  namespaceUnknown: { status: 404, code: 10013, message: 'namespace not found' },
  tagWrong: { status: 412, code: 10079, message: 'Migration tag precondition failed' },
  classKnown: { status: 400, code: 10074, message: 'Cannot apply new-class migration to a class that Durable Objects depend on already' },
  classUnknown: {
    status: 400,
    code: 10061,
    message: 'Cannot create binding for a class that is not configured to implement Durable Objects',
  },
  inheritUnknown: { status: 400, code: 10057, message: 'there is no previous binding to inherit' },
  namespaceUnbound: { status: 400, code: 10041, message: 'KV namespace not found' },
  notDeployed: { status: 400, code: 10215, message: 'Secret edit failed. The latest version of your Worker isn’t currently deployed.' },
  migratedSince: { status: 400, code: 10211, message: 'a Durable Object migration has occurred since that version' },
  zoneUnknown: { status: 400, code: 10082, message: 'no zone of this account has that host' },
} as const

const ok = (result: unknown = {}): Outcome => ({ is: 'ok', result })
const refuse = (why: keyof typeof REFUSALS): Outcome => ({ is: 'refused', ...REFUSALS[why] })

/** An account with one zone, and nothing in it yet. */
export class CloudflareAccount {
  readonly workers = new Map<string, Worker>()
  readonly namespaces = new Map<string, Namespace>()
  readonly zones = new Map([['example.com', '0f'.repeat(16)]])

  /** The version of a Worker that answers requests. */
  live(name: string): Version | undefined {
    const worker = this.workers.get(name)
    return worker?.versions.find(({ id }) => id === worker.deployments[0]?.versionId)
  }

  /** The secrets that a Worker sees, by name. */
  secretsOf(name: string): Record<string, string | undefined> {
    const secrets = this.live(name)?.bindings.filter(({ type }) => type === 'secret_text') ?? []
    return Object.fromEntries(secrets.map((secret) => [secret.name, secret.text]))
  }

  /** Uploads a version, and deploys it. What is not there yet is created. */
  upload(name: string, upload: Upload, modules: Map<string, string>): Outcome {
    const known = this.workers.get(name)
    const worker = known ?? newWorker()
    const objects = new Map(worker.objects)
    const { migrations } = upload
    if (migrations && migrations.old_tag !== worker.migrationTag) return refuse('tagWrong')
    for (const step of migrations?.steps ?? []) {
      if ([...(step.new_sqlite_classes ?? []), ...(step.new_classes ?? [])].some((one) => objects.has(one))) return refuse('classKnown')
      migrate(objects, step)
    }
    const added = this.addVersion({ ...worker, objects, migrationTag: migrations?.new_tag ?? worker.migrationTag }, upload, modules)
    if (!('version' in added)) return added
    this.workers.set(name, added.worker)
    deploy(added.worker, added.version.id)
    return ok({ id: name, etag: added.version.id, startup_time_ms: 5, deployment_id: added.version.id.replaceAll('-', '') })
  }

  /** Uploads a version that is not deployed yet. */
  addVersionOf(name: string, upload: Upload, modules: Map<string, string>): Outcome {
    const worker = this.workers.get(name)
    if (!worker) return refuse('workerUnknown')
    const added = this.addVersion(worker, upload, modules)
    if (!('version' in added)) return added
    this.workers.set(name, added.worker)
    return ok({ id: added.version.id, startup_time_ms: 5, resources: { script: { etag: added.version.id } } })
  }

  private addVersion(worker: Worker, upload: Upload, modules: Map<string, string>): { worker: Worker; version: Version } | Outcome {
    const before = worker.versions.at(-1)?.bindings ?? []
    const bindings: Binding[] = []
    for (const binding of upload.bindings ?? []) {
      const inherited = before.find(({ name }) => name === binding.name)
      if (binding.type === 'inherit' && !inherited) return refuse('inheritUnknown')
      const meant = binding.type === 'inherit' && inherited ? inherited : binding
      if (meant.type === 'durable_object_namespace' && !worker.objects.has(meant.class_name ?? '')) return refuse('classUnknown')
      if (meant.type === 'kv_namespace' && !this.namespaces.has(meant.namespace_id ?? '')) return refuse('namespaceUnbound')
      bindings.push(meant)
    }
    const isNew = ({ name }: Binding) => !bindings.some((binding) => binding.name === name)
    const kept = before.filter((binding) => upload.keep_bindings?.includes(binding.type) && isNew(binding))
    const version = newVersion(worker, [...bindings, ...kept], modules)
    return { worker: { ...worker, versions: [...worker.versions, version] }, version }
  }

  /** Makes a version the one that answers. @param isForced - although secrets have changed since */
  deployVersion(name: string, versionId: string, message: string | undefined, isForced: boolean): Outcome {
    const worker = this.workers.get(name)
    const version = worker?.versions.find(({ id }) => id === versionId)
    if (!worker || !version) return refuse('workerUnknown')
    if (version.migrationTag !== worker.migrationTag) return refuse('migratedSince')
    const changed = changedSecrets(worker.versions.at(-1), version)
    if (changed.length && !isForced) {
      const said = `Secrets differ. The following secrets have changed: ${changed.join(', ')}`
      return { is: 'refused', status: 400, code: 10220, message: said }
    }
    return ok({ id: deploy(worker, versionId, message) })
  }

  /** Sets secrets, or with `undefined` deletes them, in a version of its own. */
  setSecrets(name: string, secrets: ReadonlyMap<string, string | undefined>): Outcome {
    const worker = this.workers.get(name)
    const live = this.live(name)
    if (!worker || !live) return refuse('workerUnknown')
    if (live !== worker.versions.at(-1)) return refuse('notDeployed')
    const others = live.bindings.filter((binding) => !secrets.has(binding.name))
    const set = [...secrets].flatMap(([secret, text]) => (text === undefined ? [] : [{ name: secret, type: 'secret_text', text }]))
    const version = newVersion(worker, [...others, ...set], live.modules)
    worker.versions.push(version)
    deploy(worker, version.id)
    return ok({})
  }

  /** Its objects' storage goes with it; KV namespaces stay. */
  deleteWorker(name: string): Outcome {
    return this.workers.delete(name) ? ok() : refuse('workerUnknown')
  }

  createNamespace(title: string): Outcome {
    if ([...this.namespaces.values()].some((namespace) => namespace.title === title)) return refuse('titleTaken')
    const id = crypto.randomUUID().replaceAll('-', '')
    this.namespaces.set(id, { title, entries: new Map() })
    return ok({ id, title })
  }

  deleteNamespace(id: string): Outcome {
    return this.namespaces.delete(id) ? ok() : refuse('namespaceUnknown')
  }

  /** Puts an entry, or with `undefined` deletes it. */
  write(id: string, key: string, value: string | undefined): Outcome {
    const entries = this.namespaces.get(id)?.entries
    if (!entries) return refuse('namespaceUnknown')
    if (value === undefined) entries.delete(key)
    else entries.set(key, value)
    return ok()
  }

  /** Changes what leads to a Worker, or what it is woken by. */
  change(name: string, changed: Partial<Pick<Worker, 'crons' | 'routes' | 'customDomains' | 'workersDev'>>): Outcome {
    const worker = this.workers.get(name)
    if (!worker) return refuse('workerUnknown')
    const hosts = [...(changed.customDomains ?? []), ...(changed.routes ?? []).map((pattern) => pattern.replace(/^\*?\.?|\/.*$/g, ''))]
    const isInZone = (host: string) => [...this.zones.keys()].some((zone) => host === zone || host.endsWith(`.${zone}`))
    if (!hosts.every(isInZone)) return refuse('zoneUnknown')
    Object.assign(worker, changed)
    return ok(changed.workersDev ?? {})
  }
}

function newWorker(): Worker {
  const empty = { versions: [], deployments: [], crons: [], routes: [], customDomains: [] }
  return { ...empty, migrationTag: undefined, objects: new Map(), workersDev: { enabled: false, previews_enabled: false } }
}

function newVersion(worker: Worker, bindings: Binding[], modules: Map<string, string>): Version {
  const { versions, migrationTag } = worker
  const created = { id: crypto.randomUUID(), number: versions.length + 1, createdOn: momentAfter(versions.at(-1)?.createdOn) }
  return { ...created, bindings, modules, ...(migrationTag && { migrationTag }) }
}

/** Two in one millisecond would have no order. */
function momentAfter(before: string | undefined): string {
  return new Date(Math.max(Date.now(), before ? Date.parse(before) + 1 : 0)).toISOString()
}

function deploy({ deployments }: Worker, versionId: string, message?: string): string {
  const id = crypto.randomUUID()
  deployments.unshift({ id, createdOn: momentAfter(deployments[0]?.createdOn), versionId, message })
  return id
}

function migrate(objects: Map<string, string>, step: Migration): void {
  for (const name of [...(step.new_sqlite_classes ?? []), ...(step.new_classes ?? [])]) objects.set(name, crypto.randomUUID())
  for (const name of step.deleted_classes ?? []) objects.delete(name)
  for (const { from, to } of step.renamed_classes ?? []) {
    objects.set(to, objects.get(from) ?? crypto.randomUUID())
    objects.delete(from)
  }
}

function changedSecrets(latest: Version | undefined, target: Version): string[] {
  const secrets = ({ bindings }: Version) => new Map(bindings.flatMap((one) => (one.type === 'secret_text' ? [[one.name, one.text]] : [])))
  const [now, then] = [latest ? secrets(latest) : new Map(), secrets(target)]
  return [...new Set([...now.keys(), ...then.keys()])].filter((name) => now.get(name) !== then.get(name)).map(String)
}
