import type { BuyButton, Paste } from './paste.ts'

/** All that is left to do by hand, in words. */
export type ToPaste = {
  readonly pastes: readonly Paste[]
  readonly buyButtons: readonly BuyButton[]
  /** The Worker’s address with its base path. */
  readonly base: string
  /** The page the buyers land on. */
  readonly thankYouUrl: string
  readonly isOnPath: boolean
  readonly isOnWorkersDev: boolean
  /** The workers.dev address is not known before the first deployment. */
  readonly isGuessed: boolean
}

/** What to paste where: plain lines without a frame, so that they can be copied. */
export function describePastes(all: ToPaste): string[] {
  const { pastes, buyButtons, base, thankYouUrl, isOnPath, isOnWorkersDev, isGuessed } = all
  return [
    ...(isGuessed ? ['', 'What stands for your-subdomain in these addresses is told by the first deployment.'] : []),
    ...pastes.flatMap(describePaste),
    ...(buyButtons.length ? ['', 'Buy buttons', ...buyButtons.flatMap(({ url, html }) => [`  ${url}`, `  ${html}`])] : []),
    '',
    'Your site',
    `  On ${thankYouUrl || 'the thank-you page'}, DataFast’s script tag gets one attribute more, so that it never records a payment itself:`,
    '  data-disable-payments="true"',
    ...(isOnWorkersDev
      ? ['  On the page with your Buy button, so that links take the visitor along:', `  <script src="${base}/links.js" defer></script>`]
      : []),
    ...(isOnPath ? pathLines(base, pastes) : []),
    '',
    'Status page',
    `  ${base}/status`,
    '  Any user name; the password is STATUS_TOKEN, as it stands in .dev.vars.',
  ]
}

/** A route of one's own site can be told to let buyers through, should Cloudflare not run the Worker. */
function pathLines(base: string, [first]: readonly Paste[]): string[] {
  const page = `${base}/success/${first?.provider ?? 'stripe'}`
  return [
    `  In the Cloudflare dashboard set the Worker’s route to fail open, and put a static page at ${page} for the day it does not run.`,
  ]
}

function describePaste(paste: Paste): string[] {
  const { title, successUrl, successUrlEncoded, successUrlPage, successUrlNote } = paste
  return [
    '',
    title,
    `  Success URL → ${successUrlPage}`,
    `    ${successUrlEncoded ?? successUrl}`,
    ...(successUrlNote ? [`    ${successUrlNote}`] : []),
    ...(successUrlEncoded ? [`    Unencoded: ${successUrl}`] : []),
    ...describeLinks(paste),
    ...describeWebhook(paste),
  ]
}

/** A button leads to the link that is named, whatever other links there are. */
function describeLinks({ links }: Paste): string[] {
  if (!links.length) return []
  const names = links.map(({ name }) => name).join(', ')
  const whole = links.flatMap(({ name, completed }) => (completed ? [`    LINKS.${name} has to be:`, `    ${completed}`] : []))
  const carriers = links.length > 1 ? 'links in LINKS are the ones' : 'link in LINKS is the one'
  return [`    The ${carriers} to carry it: ${names}.`, ...whole]
}

function describeWebhook(paste: Paste): string[] {
  const { webhookUrl, webhookPage, events, webhookNote, webhookSecret, webhookSecretPage, webhookReady, webhookSecretMadeBy } = paste
  const secret =
    webhookSecretMadeBy === 'seller'
      ? `    Its secret is ${webhookSecret}, as it stands in .dev.vars; it goes to ${webhookSecretPage}.`
      : `    Its secret is shown at ${webhookSecretPage}. It goes into ${webhookSecret}: run npm run setup again.`
  return [
    `  Webhook → ${webhookPage}`,
    `    ${webhookUrl}`,
    ...(events.length ? [`    Events: ${events.join(', ')}`] : []),
    ...(webhookNote ? [`    ${webhookNote}`] : []),
    ...(webhookReady && webhookSecretMadeBy === 'provider' ? [`    Its secret is set (${webhookSecret}).`] : [secret]),
  ]
}
