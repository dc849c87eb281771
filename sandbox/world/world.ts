import { Alerts } from './alerts.ts'
import { Creem } from './creem.ts'
import { DataFast } from './datafast.ts'
import { Dodo } from './dodo.ts'
import { Gumroad } from './gumroad.ts'
import { LemonSqueezy } from './lemonsqueezy.ts'
import { Paddle } from './paddle.ts'
import { Polar } from './polar.ts'
import { type Call, Service } from './service.ts'
import { Stripe } from './stripe.ts'

/** Whom the Worker can ask; a provider that keeps its test mode on a host of its own counts twice. */
type ServiceName =
  | 'stripe'
  | 'dodo'
  | 'dodo-test'
  | 'creem'
  | 'creem-test'
  | 'polar'
  | 'polar-sandbox'
  | 'lemonsqueezy'
  | 'gumroad'
  | 'paddle'
  | 'paddle-sandbox'
  | 'datafast'
  | 'alerts'

type Api = { answer(request: Request, body: unknown): Response }

/** Everything the Worker can reach: the providers, DataFast and whoever is to be alerted, in one process, with one log of all calls. */
export class World {
  readonly stripe = new Stripe()
  readonly dodo = new Dodo()
  readonly dodoTest = new Dodo()
  readonly creem = new Creem()
  readonly creemTest = new Creem('test')
  readonly polar = new Polar()
  readonly polarSandbox = new Polar()
  readonly lemonSqueezy = new LemonSqueezy()
  readonly gumroad = new Gumroad()
  readonly paddle = new Paddle()
  readonly paddleSandbox = new Paddle('sandbox')
  readonly dataFast = new DataFast()
  readonly alerts = new Alerts()
  readonly calls: Call[] = []
  private readonly byHost: Record<string, Service>

  constructor(onCall: (call: Call) => void = () => {}) {
    const record = (call: Call) => {
      this.calls.push(call)
      onCall(call)
    }
    const service = (name: ServiceName, api: Api) => new Service(name, (request, body) => api.answer(request, body), record)
    this.byHost = {
      'api.stripe.com': service('stripe', this.stripe),
      'live.dodopayments.com': service('dodo', this.dodo),
      'test.dodopayments.com': service('dodo-test', this.dodoTest),
      'api.creem.io': service('creem', this.creem),
      'test-api.creem.io': service('creem-test', this.creemTest),
      'api.polar.sh': service('polar', this.polar),
      'sandbox-api.polar.sh': service('polar-sandbox', this.polarSandbox),
      'api.lemonsqueezy.com': service('lemonsqueezy', this.lemonSqueezy),
      'api.gumroad.com': service('gumroad', this.gumroad),
      'api.paddle.com': service('paddle', this.paddle),
      'sandbox-api.paddle.com': service('paddle-sandbox', this.paddleSandbox),
      'datafa.st': service('datafast', this.dataFast),
      'alerts.example.com': service('alerts', this.alerts),
    }
  }

  /** The service of that name, to slow it down or break it. */
  service(name: ServiceName): Service {
    const service = Object.values(this.byHost).find((candidate) => candidate.name === name)
    if (!service) throw new Error(`no service ${name}`)
    return service
  }

  get services(): Service[] {
    return Object.values(this.byHost)
  }

  /** Whether a request is for one of these services. */
  knows(url: string): boolean {
    return new URL(url).hostname in this.byHost
  }

  /** The name of the service at an address; its host when nothing is simulated there. */
  nameOf(url: string): string {
    const { hostname } = new URL(url)
    return this.byHost[hostname]?.name ?? hostname
  }

  handle(request: Request): Promise<Response> {
    const service = this.byHost[new URL(request.url).hostname]
    if (!service) return Promise.reject(new Error(`nothing simulated at ${new URL(request.url).host}`))
    return service.handle(request)
  }

  callsTo(service: string, containing = ''): Call[] {
    return this.calls.filter((call) => call.service === service && (call.url + JSON.stringify(call.body ?? '')).includes(containing))
  }
}
