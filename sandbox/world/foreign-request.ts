/**
 * A request of this realm. The local runtime hands over requests of its own fetch library, whose headers and body those of
 * Node do not see; and it follows redirects itself, where the Worker asked for that.
 */
export async function ownRequest(foreign: Request): Promise<Request> {
  const body = await foreign.text()
  return new Request(foreign.url, { method: foreign.method, redirect: 'manual', headers: [...foreign.headers], ...(body && { body }) })
}
