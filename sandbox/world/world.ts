import { DataFast } from './datafast.ts'
import { Dodo } from './dodo.ts'
import { type Call, Service } from './service.ts'
import { Stripe } from './stripe.ts'

/** Everything the Worker can reach: the providers and DataFast, in one process, with one log of all calls. */
export class World {
  readonly stripe = new Stripe()
  readonly dodo = new Dodo()
  readonly dodoTest = new Dodo()
  readonly dataFast = new DataFast()
  readonly calls: Call[] = []
  private readonly byHost: Record<string, Service>

  constructor(onCall: (call: Call) => void = () => {}) {
    const record = (call: Call) => {
      this.calls.push(call)
      onCall(call)
    }
    this.byHost = {
      'api.stripe.com': new Service('stripe', (request) => this.stripe.answer(request), record),
      'live.dodopayments.com': new Service('dodo', (request) => this.dodo.answer(request), record),
      'test.dodopayments.com': new Service('dodo-test', (request) => this.dodoTest.answer(request), record),
      'datafa.st': new Service('datafast', (request, body) => this.dataFast.answer(request, body), record),
    }
  }

  /** The service of that name, to slow it down or break it. */
  service(name: 'stripe' | 'dodo' | 'dodo-test' | 'datafast'): Service {
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
