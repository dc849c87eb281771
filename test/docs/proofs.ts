import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lemonSqueezyId, sessionId } from '../bundle/ids.ts'
import { KEYS, Terminal } from '../cli/terminal.ts'
import { LOG_LINE, type Place, STATUS_TOKEN } from './place.ts'
import { settingsOf } from './settings.ts'
import { sourcesIn } from './source.ts'

/** How a command of the pages is proved. `lines`: every form in which the pages have it. */
export type Proof = (place: Place, lines: string[]) => Promise<void>

/** It is run as it stands, ends well, and says that. */
function says(...texts: (string | RegExp)[]): Proof {
  return async ({ run }, lines) => {
    for (const line of lines) {
      const ended = await run(line)
      expect(ended).toMatchObject({ code: 0 })
      for (const text of texts) expect(ended.output).toMatch(text)
    }
  }
}

/** It runs until it is ready, and is interrupted then. */
function startsWith(text: RegExp, environment: Record<string, string> = {}): Proof {
  return async ({ run }, lines) => {
    for (const line of lines) expect((await run(line, { until: text, environment })).output).toMatch(text)
  }
}

/** It takes minutes, or what it needs is not here: the gate runs it at every change. */
const atTheGate: Proof = async (_, lines) => {
  const gate = readFileSync('.ci/run', 'utf8').split(/\n| && /)
  for (const line of lines) expect(gate).toContain(line)
}

/** It takes minutes: the gate runs the short form of that very program. */
const inTheProof: Proof = async ({ read }, lines) => {
  for (const line of lines) {
    const script: string = JSON.parse(read('package.json')).scripts[line.replace('npm run ', '')]
    expect(readFileSync('bench/proof.ts', 'utf8')).toContain(`'${script.split(' ').at(-1)}'`)
  }
}

/** It is about a handler of the reader's, which nobody has started here: it says so, and how to go on. */
const nobodyThere: Proof = async ({ run }, lines) => {
  for (const line of lines) {
    const ended = await run(line)
    expect(ended).toMatchObject({ code: 2, output: expect.stringContaining('could not be visited') })
  }
}

/** A command about an order, with one that is paid in the place of the page's. */
function withOrder(line: string, { world: { stripe, lemonSqueezy } }: Place): string {
  const [id, bought] = [sessionId(), lemonSqueezyId()]
  stripe.sell(id)
  if (line.includes('re_…')) stripe.refund('re_ofthetests', String(stripe.sessions.get(id)?.payment_intent))
  const subscription = line.includes('in_…') ? stripe.subscribe(sessionId()).subscription : undefined
  if (subscription) stripe.renew(String(subscription), 'in_ofthetests')
  lemonSqueezy.sell(bought)
  return line
    .replace(/cs_(live_)?…/, id)
    .replace(/(in|re)_…/, '$1_ofthetests')
    .replace(/\d+ [\da-f]+-…/, `${bought} ${lemonSqueezy.identifierOf(bought)}`)
}

function onlyWorker({ cloudflare }: Place) {
  const [entry] = cloudflare.state.workers
  if (!entry) throw new Error('nothing is deployed')
  return entry
}

/** Runs a command that asks Gumroad for something, and tells what arrives there. Gumroad's own answer is for Gumroad to give (gumroad.com/api). */
async function heardAt({ world, run }: Place, line: string) {
  const heard: { method: string; path: string; body: string }[] = []
  const others = world.handle
  world.handle = async (request) => {
    const { host, pathname, search } = new URL(request.url)
    expect(host).toBe('api.gumroad.com')
    heard.push({ method: request.method, path: pathname + search, body: await request.text() })
    return Response.json({ success: true })
  }
  expect(await run(line)).toMatchObject({ code: 0, output: expect.stringContaining('"success":true') })
  world.handle = others
  expect(heard).toHaveLength(1)
  return heard[0]
}

/** Every command of the pages by its shape, in an order in which somebody may type them. */
export const PROOFS: Record<string, Proof> = {
  // ── Setting up ──────────────────────────────────────────────────────────────────────────────────────────────────────
  'git clone <this repository’s address> success-url': async ({ folder, run }, [line = '']) => {
    const address = join(folder, '../origin')
    expect(await run(line.replace('<this repository’s address>', address))).toMatchObject({ code: 0 })
  },
  'cd success-url': async ({ folder, run }, [line = '']) => {
    expect(await run(`${line} && git log --oneline && npm pkg get name`)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Everything\n"success-url"\n$/),
    })
    rmSync(join(folder, 'success-url'), { recursive: true })
  },
  'npm ci': atTheGate,
  'cp -n .dev.vars.example .dev.vars': async (place, [line = '']) => {
    expect(await place.run(line)).toMatchObject({ code: 0 })
    expect(place.read('.dev.vars')).toBe(place.read('.dev.vars.example'))
    place.fillIn()
  },
  'npm run setup -- --help': says('--thank-you'),
  'npx node cli/setup.ts': async ({ run }, [line = '']) => {
    expect(await run(line)).toMatchObject({ code: 2, output: expect.stringContaining('no terminal') })
  },
  'npm run setup': async ({ folder, environment, read }, [line = '']) => {
    const before = [read('wrangler.toml'), read('.dev.vars')]
    const terminal = new Terminal('bash', ['-c', line], folder, environment)
    await terminal.shows('success-url: set-up')
    await terminal.answer('?', KEYS.interrupt)
    await terminal.shows('Nothing was written')
    expect(await terminal.end()).not.toBe(0)
    expect([read('wrangler.toml'), read('.dev.vars')]).toEqual(before)
  },
  'npm run --silent setup -- --json --print --install host --host pay.example.com --thank-you https://example.com/welcome --provider stripe --link pro=MY-PAYMENT-LINK':
    async ({ run, read }, [line = '']) => {
      const before = read('wrangler.toml')
      // An assistant that fills nothing in is refused.
      expect(JSON.parse((await run(line)).output)).toMatchObject({ written: [], problems: [expect.stringContaining('--link must')] })
      const whole = line.replace('MY-PAYMENT-LINK', 'https://buy.stripe.com/abc123')
      const { output } = await run(whole)
      expect(JSON.parse(output)).toMatchObject({
        written: [],
        keys: expect.arrayContaining([expect.objectContaining({ setting: 'STRIPE_SECRET_KEY' })]),
      })
      expect(read('wrangler.toml')).toBe(before)
      // What the assistant does next: the same, and for good.
      expect(JSON.parse((await run(whole.replace(' --print', ''))).output)).toMatchObject({
        written: expect.arrayContaining(['wrangler.toml']),
      })
    },
  'git diff wrangler.toml': says(/^\+LINKS = .*abc123/m),
  'git commit --all --message "My shop"': says('1 file changed'),
  'git pull --rebase': async ({ run, read, publish }, [line = '']) => {
    const before = read('wrangler.toml')
    publish('NEWS.md', 'There is a new version.')
    expect(await run(line)).toMatchObject({ code: 0 })
    expect([read('NEWS.md'), read('wrangler.toml')]).toEqual(['There is a new version.', before])
  },
  'npm run deploy': async ({ run, cloudflare }, [line = '']) => {
    expect(await run(line)).toMatchObject({ code: 0 })
    expect([...cloudflare.state.workers.keys()]).toHaveLength(1)
    expect(cloudflare.unanswered).toEqual([])
  },
  'npx wrangler secret put NAME': async ({ run, cloudflare }, lines) => {
    const { secrets } = settingsOf(sourcesIn('src'))
    const names = lines.flatMap((line) => / put (.+)$/.exec(line)?.[1] ?? [])
    expect(names.filter((name) => !secrets.has(name))).toEqual([])
    const [worker = ''] = cloudflare.state.workers.keys()
    // They differ by nothing but the name.
    for (const name of names.slice(0, 2)) {
      expect(await run(`npx wrangler secret put ${name}`, { input: 'a-value-of-the-tests' })).toMatchObject({ code: 0 })
      expect(Object.keys(cloudflare.state.secretsOf(worker))).toContain(name)
    }
  },
  'openssl rand -hex 24': says(/^[0-9a-f]{48}\n$/),

  // ── Looking at it ───────────────────────────────────────────────────────────────────────────────────────────────────
  'curl -s https://pay.example.com/checkout/health': says('"status":"ok"'),
  'curl -s -o /dev/null -D - "https://pay.example.com/checkout/success/stripe?session_id=cs_live_…"': async (place, [line = '']) => {
    const { output } = await place.run(withOrder(line, place))
    expect(output).toMatch(/^x-checkout-outcome: paid\r?$/im)
  },
  'npm run dry-run -- ORDER': async (place, lines) => {
    for (const line of lines) {
      expect(await place.run(withOrder(line, place))).toMatchObject({ code: 0, output: expect.stringContaining('transaction_id') })
    }
  },
  'npx wrangler tail': async ({ run }, [line = '']) => {
    const { output } = await run(line, { until: /\\"visit\\"/ })
    expect(output).toContain(JSON.stringify(LOG_LINE))
  },
  'npm run status -- https://pay.example.com': async ({ run }, lines) => {
    for (const line of lines) {
      const { code, output } = await run(line.replace('https://…', 'https://pay.example.com'))
      // The buyer above came back without a cookie, which is what the page finds wrong.
      expect([code, /^ *Problem +(.+?):/m.exec(output)?.[1]]).toEqual([1, 'Visitor cookies'])
      expect(output).toContain('Set-up checks')
      expect(output).not.toContain(STATUS_TOKEN)
    }
  },
  'npm run --silent status -- --json https://pay.example.com': async ({ run }, [line = '']) => {
    expect(JSON.parse((await run(line)).output)).toMatchObject({ name: 'success-url' })
  },
  'npm run status': async ({ run }, [line = '']) => {
    expect(await run(line)).toMatchObject({ code: 2, output: expect.stringContaining('Usage:') })
  },

  // ── Erasing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
  'curl -X DELETE -H "Authorization: Bearer df_…" "https://datafa.st/api/v1/payments?transaction_id=pi_…"': async (place, [line = '']) => {
    const transaction = `pi_${Date.now()}`
    const payment = { amount: 1, currency: 'EUR', transaction_id: transaction }
    const headers = { authorization: 'Bearer df_sandbox_website_key', 'content-type': 'application/json' }
    const address = 'https://datafa.st/api/v1/payments'
    await place.world.handle(new Request(address, { method: 'POST', headers, body: JSON.stringify(payment) }))
    const ended = await place.run(line.replace('df_…', 'df_sandbox_website_key').replace('pi_…', transaction))
    expect(ended).toMatchObject({ code: 0, output: expect.stringContaining('"success"') })
  },
  'npx wrangler kv key delete --binding RECORDED --remote "REFERENCE"': async ({ run, cloudflare }, lines) => {
    const [namespace] = cloudflare.state.namespaces.values()
    for (const line of lines) {
      const [, reference = ''] = /"(.+)"/.exec(line) ?? []
      namespace?.entries.set(reference, '{}')
      expect(await run(line)).toMatchObject({ code: 0 })
      expect(namespace?.entries.has(reference)).toBe(false)
    }
  },
  'curl -X PUT https://api.gumroad.com/v2/resource_subscriptions -d "access_token=YOUR-TOKEN" -d "resource_name=refund" -d "post_url=https://pay.example.com/checkout/webhook/gumroad/YOUR-SECRET"':
    async (place, [line = '']) => {
      const heard = await heardAt(place, line)
      expect(heard).toMatchObject({ method: 'PUT', path: '/v2/resource_subscriptions' })
      expect(Object.fromEntries(new URLSearchParams(heard?.body))).toEqual({
        access_token: 'YOUR-TOKEN',
        resource_name: 'refund',
        post_url: 'https://pay.example.com/checkout/webhook/gumroad/YOUR-SECRET',
      })
    },

  // ── Going back, and removing it ─────────────────────────────────────────────────────────────────────────────────────
  'npx wrangler deployments list': says(/Version\(s\)/),
  'npx wrangler rollback VERSION-ID': async (place, [line = '']) => {
    const [, worker] = onlyWorker(place)
    const first = worker.versions[0]?.id ?? ''
    expect(await place.run(line.replace('VERSION-ID', first))).toMatchObject({ code: 0 })
    expect(worker.deployments[0]?.versionId).toBe(first)
  },
  'curl "https://api.gumroad.com/v2/resource_subscriptions?access_token=YOUR-TOKEN&resource_name=refund"': async (place, [line = '']) => {
    expect(await heardAt(place, line)).toMatchObject({
      method: 'GET',
      path: '/v2/resource_subscriptions?access_token=YOUR-TOKEN&resource_name=refund',
    })
  },
  'curl -X DELETE https://api.gumroad.com/v2/resource_subscriptions/ID -d "access_token=YOUR-TOKEN"': async (place, [line = '']) => {
    const heard = await heardAt(place, line)
    expect(heard).toMatchObject({ method: 'DELETE', path: '/v2/resource_subscriptions/ID', body: 'access_token=YOUR-TOKEN' })
  },
  'npx wrangler delete': async ({ run, cloudflare }, [line = '']) => {
    expect(await run(line)).toMatchObject({ code: 0 })
    expect(cloudflare.state.workers.size).toBe(0)
  },
  'npx wrangler kv namespace list': says(/-recorded"/),
  // It is named after the Worker, which the set-up has given a name of its own.
  'npx wrangler kv namespace delete success-url-recorded': async ({ run, cloudflare }, [line = '']) => {
    const [namespace] = cloudflare.state.namespaces.values()
    expect(namespace?.title).toMatch(/^success-url-.*recorded$/)
    expect(await run(line.replace('success-url-recorded', namespace?.title ?? ''))).toMatchObject({ code: 0 })
    expect(cloudflare.state.namespaces.size).toBe(0)
  },

  // ── Trying and changing it ──────────────────────────────────────────────────────────────────────────────────────────
  'npm run demo': startsWith(/The sandbox shop is open/, { PORT: '0' }),
  'npm run dev': startsWith(/Ready on http/),
  // A few rounds of the minutes that it takes, up to its first table.
  'npm run bench': async ({ run }, [line = '']) => {
    const { output } = await run(line, {
      until: /outgoing requests during all repeats: 0/,
      environment: { FIRST_VISITS: '1', REPEATS: '3', FIRST_VISITS_EACH: '1', AFTER_WEBHOOKS: '1' },
    })
    for (const contender of ['success-url', '(a) straightforward handler', '(b) Hono and Stripe’s SDK', '(c) only redirects']) {
      const cells =
        output
          .split('\n')
          .find((row) => row.startsWith(`| ${contender} `))
          ?.split('|') ?? []
      const [first, repeat] = [cells[2], cells[4]].map((cell) => Number.parseFloat(cell ?? ''))
      expect([contender, Number(first) > 0, Number(repeat) > 0]).toEqual([contender, true, true])
    }
  },
  'npm audit --omit=dev': async (_, lines) => {
    for (const line of lines) expect(readFileSync('.ci/run', 'utf8')).toContain(`$(${line} `)
  },
  // One promise of hundreds, in the long form.
  'npm run test:security': async ({ run }, [line = '']) => {
    const ended = await run(`${line} -- -t "leads to a file|is on the page|carries two packages|licen"`)
    expect(ended.output).toMatch(/Tests +.*[1-9]\d* passed/)
  },
  'npm run test:faults': inTheProof,
  'npm run test:month': inTheProof,
  'npm run soak': inTheProof,
  'npm run gauntlet': inTheProof,
  'npm run proof': async (_, lines) => {
    expect(readFileSync('.ci/run', 'utf8')).toContain('\nnpm run proof -- --quick\n')
    expect(lines).toContain('npm run proof -- --quick')
  },
  'npm run gauntlet -- --list': says('A buyer who paid lands'),
  'npm run gauntlet -- "http://127.0.0.1:9000/success?session_id={CHECKOUT_SESSION_ID}"': nobodyThere,
  'npm run gauntlet -- --webhook http://127.0.0.1:9000/webhooks/stripe --restart "docker restart --time 0 shop" "http://127.0.0.1:9000/success"':
    nobodyThere,
  'npm run gauntlet -- --worker wrangler.toml --var ATTRIBUTION_WAIT_SECONDS=5 --webhook /checkout/webhook/stripe /checkout/success/stripe':
    async ({ run }, [line = '']) => {
      const ended = await run(line.replace('gauntlet --', 'gauntlet -- --only 1'))
      expect(ended).toMatchObject({ code: 0, output: expect.stringContaining('survives 1 of 1') })
    },
  'npm run probe': async ({ folder, environment, world: { dataFast } }, lines) => {
    const key = 'df_throwaway_website_key'
    dataFast.keys.add(key)
    const before = dataFast.ledger.size
    for (const line of lines) {
      const terminal = new Terminal('bash', ['-c', line], folder, { ...environment, PROBE_DATAFAST_API_KEY: key, PROBE_GAP_MS: '1' })
      await terminal.answer('and delete them again?', KEYS.interrupt)
      await terminal.shows('Nothing was posted')
      expect(await terminal.end()).not.toBe(0)
    }
    expect(dataFast.ledger.size).toBe(before)
  },
  'git log --oneline': says('Everything'),
  // What it cannot mend by itself is for its reader: the gate wants none of that.
  'npx biome check --write .': async ({ run }, [line = '']) => {
    expect((await run(line)).output).toMatch(/Checked \d+ files/)
  },
  'npx vitest run test/rules/pure.test.ts': says('passed'),
  'npm run types': atTheGate,
  'npm run lint': atTheGate,
  'npm run unused': atTheGate,
  'npm run size': atTheGate,
  'npm test': atTheGate,
  'npm run test:browser': atTheGate,
  '.ci/run': async () => {
    expect(statSync('.ci/run').mode & 0o111).not.toBe(0)
  },
}
