/*
 * Sets the cookies the way DataFast's script does: written by script, for the whole site, readable by everyone, on this
 * host alone when it is localhost. The visitor stays for a year, the session for half an hour.
 */
const DAY = 86_400

function uuid() {
  // Works without a secure context too, which crypto.randomUUID does not.
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(Math.random() * 16)
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16)
  })
}

function cookie(name) {
  return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1]
}

function setCookie(name, value, seconds) {
  // biome-ignore lint/suspicious/noDocumentCookie: DataFast's script does not use the Cookie Store either
  document.cookie = `${name}=${value}; path=/; max-age=${seconds}`
}

/** @param missing - whether the visitor is to be one whose cookie DataFast could not set */
window.meetVisitor = (missing) => {
  setCookie('datafast_visitor_id', missing ? '' : (cookie('datafast_visitor_id') ?? uuid()), missing ? 0 : 365 * DAY)
  setCookie('datafast_session_id', missing ? '' : (cookie('datafast_session_id') ?? `s${uuid()}`), missing ? 0 : 1800)
}

window.meetVisitor(document.documentElement.dataset.visitorCookie === 'missing')
