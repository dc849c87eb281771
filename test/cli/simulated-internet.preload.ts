/** Loaded before a program under test: whatever it fetches goes to the simulated internet, and nothing else is reachable. */
const internet = process.env.SIMULATED_INTERNET
const realFetch = globalThis.fetch

globalThis.fetch = (input, init) => {
  const request = new Request(input, init)
  if (!internet || internet === 'nowhere') return Promise.reject(new TypeError('fetch failed'))
  if (['127.0.0.1', 'localhost'].includes(new URL(request.url).hostname)) return realFetch(input, init)
  const headers = new Headers(request.headers)
  headers.set('x-address', request.url)
  return realFetch(internet, { ...init, method: request.method, headers, redirect: 'manual' })
}
