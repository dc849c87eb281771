import type { DataFastAccount } from '../../src/datafast.ts'
import { settingsFor } from '../../src/settings.ts'
import type { Configuration } from '../configuration.ts'

/** Whose website is tried on. `keySetting`: the setting that its key was read from. */
export type Account = { is: 'account'; account: DataFastAccount; keySetting: string } | { is: 'none'; advice: string }

const OWN = 'PROBE_DATAFAST_API_KEY'
const OWN_WEBSITE = 'PROBE_DATAFAST_WEBSITE_ID'
const MAKE_ONE = `Make a website of its own in DataFast for this, and write its key into .dev.vars as ${OWN}=df_….`

/**
 * The key of a throwaway website; that of the shop only where somebody asked for exactly that.
 * @param shell - the environment, which wins over .dev.vars
 */
export function accountFor({ env }: Extract<Configuration, { is: 'read' }>, shell: NodeJS.ProcessEnv, usesShopKey: boolean): Account {
  const textOf = (setting: string) => String(shell[setting] || env[setting] || '').trim()
  const [keySetting, websiteSetting] = usesShopKey ? ['DATAFAST_API_KEY', 'DATAFAST_WEBSITE_ID'] : [OWN, OWN_WEBSITE]
  const key = textOf(keySetting)
  if (!key) return none(usesShopKey ? `${keySetting} is not set.` : `${keySetting} is not set. ${MAKE_ONE}`)
  if (!usesShopKey && key === textOf('DATAFAST_API_KEY')) {
    return none(`${OWN} is the same key as DATAFAST_API_KEY, that of your shop. ${MAKE_ONE} If you mean it, say --use-datafast-api-key.`)
  }
  // By the rules for the Worker's own key.
  const { dataFast, problems } = settingsFor({ DATAFAST_API_KEY: key, DATAFAST_WEBSITE_ID: textOf(websiteSetting) })
  if (dataFast) return { is: 'account', account: dataFast, keySetting }
  const problem = problems.find(({ text }) => text.startsWith('DATAFAST_'))?.text ?? `${keySetting} cannot be used`
  return none(`${problem.replaceAll('DATAFAST_API_KEY', keySetting).replaceAll('DATAFAST_WEBSITE_ID', websiteSetting)}.`)
}

function none(advice: string): Account {
  return { is: 'none', advice }
}
