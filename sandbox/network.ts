import type { Scene } from './scene.ts'
import { ownRequest } from './world/foreign-request.ts'

/**
 * Plays the internet: everything the Worker asks for goes to the scene's simulated services, is written to the timeline,
 * and never leaves this process. The local runtime sends the Worker's outgoing requests through `globalThis.fetch`.
 *
 * @returns a function that puts the real network back
 */
export function playNetwork(scene: () => Scene): () => void {
  const realFetch = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const foreign = init && 'url' in init ? (init as unknown as Request) : undefined
    const address = new URL(foreign?.url ?? (input instanceof Request ? input.url : String(input)))
    if (address.hostname === '127.0.0.1' || address.hostname === 'localhost') return realFetch(input, init)
    return answer(foreign ? await ownRequest(foreign) : new Request(input, init), address, scene())
  }
  return () => {
    globalThis.fetch = realFetch
  }
}

async function answer(request: Request, { pathname, search }: URL, { world, timeline }: Scene): Promise<Response> {
  const text = await request.clone().text()
  const call = timeline.call(world.nameOf(request.url), request.method, pathname + search, text ? JSON.parse(text) : undefined)
  try {
    const response = await world.handle(request)
    call.status = response.status
    return response
  } catch (error) {
    call.status = 'reset'
    throw error
  } finally {
    call.ms = Date.now() - call.at
  }
}
