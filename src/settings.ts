import * as v from 'valibot'
import type { DataFastAccount } from './datafast.ts'
import type { Env } from './env.ts'
import { checkLinks, type PaymentLinks, readLinks } from './links.ts'
import { type Pages, readPages } from './page.ts'
import type { Customer } from './payment.ts'
import { PROVIDERS, providerNamed } from './providers/index.ts'
import type { Connection } from './providers/provider.ts'
import { type Problem, type SettingReader, settingReader } from './setting-reader.ts'

/** The configuration, validated. A broken setting has its default here and its name among the problems. */
export type Settings = {
  /** Without a slash at the end; empty when everything lies at the root. */
  basePath: string
  publicUrl: URL | undefined
  pages: Pages
  dataFast: DataFastAccount | undefined
  /** The providers that are switched on. */
  connections: ReadonlyMap<string, Connection>
  /** Provider → what its webhooks are signed with, any of them; a provider not named takes none. */
  webhookSecrets: ReadonlyMap<string, readonly string[]>
  revenue: 'gross' | 'net'
  refunds: boolean
  customerFields: readonly (keyof Customer)[]
  testPayments: 'skip' | 'record'
  /** Provider → the product, price, payment-link or store ids that count; a provider not named counts everything. */
  only: ReadonlyMap<string, readonly string[]>
  /** Where `/checkout/go/…` leads. */
  links: PaymentLinks
  verifyBudgetMs: number
  /** `undefined`: not set, so a provider may have its own default. */
  attributionWaitMs: number | undefined
  /** Unlocks the status page; without it there is none. */
  statusToken: string | undefined
  /** Where alerts go. */
  alertUrl: URL | undefined
  /** Whether sales are posted that DataFast imports by itself as well. */
  postsImported: boolean
  problems: readonly Problem[]
}

/** DataFast's own id of a website: not the `dfid_…` of its script tag. */
export const WEBSITE_ID = /^[0-9a-f]{24}$/i
const MIN_TOKEN_LENGTH = 24
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
  const waitSeconds = setting.number('ATTRIBUTION_WAIT_SECONDS', 30 * 86_400)
  const settings = {
    basePath: readBasePath(setting),
    publicUrl: setting.address('PUBLIC_URL'),
    pages: readPages(setting),
    dataFast: readDataFast(setting),
    connections: readConnections(setting),
    webhookSecrets: readWebhookSecrets(setting),
    revenue: setting.choice('REVENUE', ['gross', 'net']),
    refunds: setting.choice('REFUNDS', ['on', 'off']) === 'on',
    customerFields: readCustomerFields(env, setting),
    testPayments: setting.choice('TEST_PAYMENTS', ['skip', 'record']),
    only: setting.table('ONLY', v.array(v.string())),
    links: readLinks(setting),
    verifyBudgetMs: setting.number('VERIFY_BUDGET_MS', 60_000) ?? 2500,
    attributionWaitMs: waitSeconds && waitSeconds * 1000,
    statusToken: readStatusToken(setting),
    alertUrl: readAlertUrl(setting),
    postsImported: setting.choice('NATIVE_INTEGRATION', ['park', 'ignore']) === 'ignore',
    problems: setting.problems,
  }
  if (!setting.text('THANK_YOU_URL')) setting.complain('THANK_YOU_URL', 'is not set: the page a buyer lands on after paying')
  checkLinks(setting, settings.links, settings.connections)
  for (const name of settings.only.keys()) if (!providerNamed(name)) setting.complain(`ONLY.${name}`, 'is not a provider')
  for (const name of ['RECORDED', 'ORDERS', 'LEDGER', 'LIMITER']) {
    // Without the limiter forged ids are just not limited; without the books nothing is swept, and nothing told.
    if (!env[name]) setting.complain(name, 'is not bound: add it to wrangler.toml', name !== 'LIMITER' && name !== 'LEDGER')
  }
  return settings
}

function readBasePath(setting: SettingReader): string {
  const parse = (text: string) => {
    const path = text.replace(/^\/*/, '/').replace(/\/+$/, '')
    return /^(\/(?!\.\.?(\/|$))[\w~.-]+)*$/.test(path) ? path : undefined
  }
  return setting.read('BASE_PATH', 'a path such as /checkout', parse) ?? '/checkout'
}

function readDataFast(setting: SettingReader): DataFastAccount | undefined {
  const key = setting.secret('DATAFAST_API_KEY', true)
  if (!setting.text('DATAFAST_API_KEY')) {
    setting.complain('DATAFAST_API_KEY', 'is not set: create one in DataFast, Website settings → API')
  }
  const websiteId = setting.text('DATAFAST_WEBSITE_ID')
  if (!key?.startsWith('dft_')) {
    if (websiteId.startsWith('dfid_')) setting.complain('DATAFAST_WEBSITE_ID', 'holds the dfid_… of the script tag; leave it out', false)
    if (key && !key.startsWith('df_')) setting.complain('DATAFAST_API_KEY', 'does not begin with df_ or dft_', false)
    const isId = WEBSITE_ID.test(websiteId)
    return key ? { key, ...(isId && { websiteId }) } : undefined
  }
  if (WEBSITE_ID.test(websiteId)) return { key, websiteId }
  setting.complain(
    'DATAFAST_WEBSITE_ID',
    'must be the website id of 24 hex digits (not the dfid_… of the script tag): a dft_ token needs it',
  )
  return undefined
}

function readConnections(setting: SettingReader): ReadonlyMap<string, Connection> {
  const connections = new Map<string, Connection>()
  for (const provider of PROVIDERS) {
    const connection = provider.connect(setting)
    if (connection) connections.set(provider.name, connection)
  }
  if (!connections.size) setting.complain('STRIPE_SECRET_KEY or another provider’s key', 'is not set: it switches the provider on')
  return connections
}

/** A live and a test webhook are signed with a secret each; a comma or space may be a part of other secrets. */
function readWebhookSecrets(setting: SettingReader): ReadonlyMap<string, readonly string[]> {
  const secrets = PROVIDERS.map(({ name, webhook }) => {
    const isSeveral = /^(whsec_|pdl_ntfset_)\S+[\s,]+(whsec_|pdl_ntfset_)/.test(setting.text(webhook.secret))
    const one = isSeveral ? undefined : setting.ownSecret(webhook.secret)
    return [name, isSeveral ? setting.secrets(webhook.secret) : one ? [one] : []] as const
  })
  return new Map(secrets.filter(([, several]) => several.length > 0))
}

/** A token short enough to be guessed unlocks nothing. */
function readStatusToken(setting: SettingReader): string | undefined {
  // Browsers disagree on how anything else is sent.
  const isLong = (text: string) => (text.length >= MIN_TOKEN_LENGTH && /^[!-~]+$/.test(text) ? text : undefined)
  const token = setting.ownSecret('STATUS_TOKEN')
  return (
    token && setting.read('STATUS_TOKEN', `at least ${MIN_TOKEN_LENGTH} plain characters long: try \`openssl rand -hex 24\``, isLong, token)
  )
}

/** The address is a secret: whoever knows it can write there. */
function readAlertUrl(setting: SettingReader): URL | undefined {
  const text = setting.ownSecret('ALERT_URL')
  return text ? setting.address('ALERT_URL', text) : undefined
}

/** Unlike elsewhere, empty does not mean "not set" here: it means that nothing of the buyer is passed on. */
function readCustomerFields(env: Env, setting: SettingReader): readonly (keyof Customer)[] {
  const words = new Set(String(env.CUSTOMER_FIELDS ?? 'customer_id').match(/[^\s,]+/g))
  const fields = CUSTOMER_FIELDS.filter((field) => words.has(field))
  if (words.size > fields.length) setting.complain('CUSTOMER_FIELDS', `must be any of: ${CUSTOMER_FIELDS.join(', ')}`)
  return fields
}
