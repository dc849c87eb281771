import * as v from 'valibot'
import type { DataFastAccount } from './datafast.ts'
import type { Env } from './env.ts'
import { type Page, readPage } from './page.ts'
import type { Customer } from './payment.ts'
import { PROVIDERS } from './providers/index.ts'
import type { Connection } from './providers/provider.ts'
import { type Problem, type SettingReader, settingReader } from './setting-reader.ts'

/** The configuration, validated. A broken setting has its default here and its name among the problems. */
export type Settings = {
  /** Without a slash at the end; empty when everything lies at the root. */
  basePath: string
  publicUrl: URL | undefined
  pages: { thankYou: Page | undefined; pending: Page | undefined; notPaid: Page | undefined; named: ReadonlyMap<string, Page> }
  dataFast: DataFastAccount | undefined
  /** The providers that are switched on. */
  connections: ReadonlyMap<string, Connection>
  revenue: 'gross' | 'net'
  refunds: boolean
  customerFields: readonly (keyof Customer)[]
  testPayments: 'skip' | 'record'
  /** Provider → the product, price, payment-link or store ids that count; a provider not named counts everything. */
  only: ReadonlyMap<string, readonly string[]>
  verifyBudgetMs: number
  /** `undefined`: not set, so a provider may have its own default. */
  attributionWaitMs: number | undefined
  problems: readonly Problem[]
}

const CUSTOMER_FIELDS = ['customer_id', 'email', 'name'] as const

const parsed = new WeakMap<Env, Settings>()

/** The settings of this environment, parsed on first use. Never throws: mistakes are among the problems. */
export function settingsFor(env: Env): Settings {
  const settings = parsed.get(env) ?? readSettings(env)
  parsed.set(env, settings)
  return settings
}

function readSettings(env: Env): Settings {
  const setting = settingReader(env)
  const settings = {
    basePath: readBasePath(setting),
    publicUrl: readPublicUrl(setting),
    pages: {
      thankYou: readPage(setting, 'THANK_YOU_URL'),
      pending: readPage(setting, 'PENDING_URL'),
      notPaid: readPage(setting, 'NOT_PAID_URL'),
      named: readNamedPages(setting),
    },
    dataFast: readDataFast(setting),
    connections: readConnections(setting),
    revenue: setting.choice('REVENUE', ['gross', 'net']),
    refunds: setting.choice('REFUNDS', ['on', 'off']) === 'on',
    customerFields: readCustomerFields(env, setting),
    testPayments: setting.choice('TEST_PAYMENTS', ['skip', 'record']),
    only: readOnly(setting),
    verifyBudgetMs: readNumber(setting, 'VERIFY_BUDGET_MS', 60_000) ?? 2500,
    attributionWaitMs: scale(readNumber(setting, 'ATTRIBUTION_WAIT_SECONDS', 30 * 86_400)),
    problems: setting.problems,
  }
  if (setting.raw('THANK_YOU_URL') === undefined) setting.fail('THANK_YOU_URL', 'is not set; set the page a buyer lands on after paying')
  if (!env.RECORDED) setting.fail('RECORDED', 'is not bound; add the KV namespace to wrangler.toml')
  if (!env.ORDERS) setting.fail('ORDERS', 'is not bound; add the Durable Object to wrangler.toml')
  if (!env.LIMITER) setting.warn('LIMITER', 'is not bound; forged ids are not limited')
  return settings
}

function readBasePath(setting: SettingReader): string {
  const value = setting.raw('BASE_PATH') ?? '/checkout'
  const path = `/${String(value).replace(/^\/+|\/+$/g, '')}`
  if (/^\/[\w~./-]*$/.test(path) && !/\/\.{0,2}\//.test(`${path}/`.slice(1))) return path === '/' ? '' : path
  setting.fail('BASE_PATH', 'must be a path such as /checkout')
  return '/checkout'
}

function readPublicUrl(setting: SettingReader): URL | undefined {
  const value = setting.raw('PUBLIC_URL')
  if (value === undefined) return undefined
  const url = URL.parse(String(value))
  if (url?.protocol === 'https:' || url?.hostname === 'localhost') return url
  setting.fail('PUBLIC_URL', 'must be the https address of this Worker, such as https://pay.example.com')
  return undefined
}

function readNamedPages(setting: SettingReader): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>()
  for (const [name, value] of readTable(setting, 'THANK_YOU_PAGES', v.string())) {
    const page = readPage(settingAt(setting, value), `THANK_YOU_PAGES.${name}`)
    if (page) pages.set(name, page)
  }
  return pages
}

/** The same reader with the value already in hand. */
function settingAt(setting: SettingReader, value: unknown): SettingReader {
  return { ...setting, raw: () => value }
}

function readDataFast(setting: SettingReader): DataFastAccount | undefined {
  const key = setting.secret('DATAFAST_API_KEY')
  if (!key) {
    if (setting.raw('DATAFAST_API_KEY') === undefined)
      setting.fail('DATAFAST_API_KEY', 'is not set; create one in DataFast under Website settings → API')
    return undefined
  }
  if (!key.startsWith('dft_')) {
    if (!key.startsWith('df_')) setting.warn('DATAFAST_API_KEY', 'does not begin with df_ or dft_')
    return { key, websiteId: undefined }
  }
  const websiteId = String(setting.raw('DATAFAST_WEBSITE_ID') ?? '')
  if (/^[0-9a-f]{24}$/i.test(websiteId)) return { key, websiteId }
  setting.fail(
    'DATAFAST_WEBSITE_ID',
    websiteId.startsWith('dfid_')
      ? 'holds the dfid_… of the script tag; the API wants the website id of 24 hex digits'
      : 'must be the website id of 24 hex digits: an account token (dft_…) needs it',
  )
  return undefined
}

function readConnections(setting: SettingReader): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>()
  for (const provider of PROVIDERS) {
    const connection = provider.connect(setting)
    if (connection) connections.set(provider.name, connection)
  }
  if (!connections.size) setting.fail('STRIPE_SECRET_KEY or another provider’s key', 'is not set; a provider is switched on by its key')
  return connections
}

/** Unlike elsewhere, empty does not mean "not set" here: it means that nothing of the buyer is passed on. */
function readCustomerFields(env: Env, setting: SettingReader): readonly (keyof Customer)[] {
  const words = String(env.CUSTOMER_FIELDS ?? 'customer_id')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
  const fields = CUSTOMER_FIELDS.filter((field) => words.includes(field))
  if (new Set(words).size > fields.length) setting.fail('CUSTOMER_FIELDS', `must be any of: ${CUSTOMER_FIELDS.join(', ')}`)
  return fields
}

function readOnly(setting: SettingReader): ReadonlyMap<string, readonly string[]> {
  const only = readTable(setting, 'ONLY', v.array(v.string()))
  for (const name of only.keys()) {
    if (!PROVIDERS.some((provider) => provider.name === name)) setting.fail(`ONLY.${name}`, 'is not a provider')
  }
  return only
}

/** A table written in wrangler.toml, or the same as JSON text when it was set in the dashboard. */
function readTable<Schema extends v.GenericSchema>(
  setting: SettingReader,
  name: string,
  schema: Schema,
): Map<string, v.InferOutput<Schema>> {
  const value = setting.raw(name)
  if (value === undefined) return new Map()
  const Table = v.union([v.record(v.string(), schema), v.pipe(v.string(), v.parseJson(), v.record(v.string(), schema))])
  const table = v.safeParse(Table, value)
  if (!table.success) setting.fail(name, 'must be a table of names')
  return new Map(table.success ? Object.entries(table.output) : [])
}

function readNumber(setting: SettingReader, name: string, max: number): number | undefined {
  const value = setting.raw(name)
  if (value === undefined) return undefined
  const number = typeof value === 'boolean' ? Number.NaN : Number(value)
  if (number >= 0 && number <= max) return number
  setting.fail(name, `must be a number from 0 to ${max}`)
  return undefined
}

function scale(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}
