/* Keeps the panel up to date, counts down to each order's next try, and sends what is switched or pressed. */
const EVERY_MS = 500

const sections = new Map([...document.querySelectorAll('[data-section]')].map((element) => [element.dataset.section, element]))
const board = document.querySelector('[data-switchboard]')
const timeline = sections.get('happenings')
const shown = new Map()
/** How far the server's clock is ahead of this one, in ms. */
let ahead = 0
let sending = 0

async function refresh() {
  const response = await fetch('/sandbox/panel')
  const { now, switches, sections: markup } = await response.json()
  ahead = now - Date.now()
  for (const [name, html] of Object.entries(markup)) show(name, html)
  if (!sending) showSwitches(switches)
}

function show(name, html) {
  const section = sections.get(name)
  // What is being pressed stays where it is: the click would otherwise reach nothing.
  if (!section || shown.get(name) === html || section.matches(':active')) return
  const atEnd = section.scrollHeight - section.scrollTop - section.clientHeight < 40
  const focused = section.contains(document.activeElement) ? nameOf(document.activeElement) : undefined
  section.innerHTML = html
  shown.set(name, html)
  if (focused) [...section.querySelectorAll('a, button')].find((element) => nameOf(element) === focused)?.focus({ preventScroll: true })
  if (atEnd && section === timeline) section.scrollTop = section.scrollHeight
  countDown()
}

/** What a link or button is known by from one markup to the next. */
function nameOf(element) {
  const { action, purchase } = element.dataset
  return `${action} ${purchase} ${element.getAttribute('href')}`
}

function showSwitches(switches) {
  for (const field of board.elements) {
    if (field.type === 'checkbox') field.checked = switches[field.name]
    if (field.type === 'radio') field.checked = switches[field.name] === field.value
  }
}

function countDown() {
  for (const time of document.querySelectorAll('[data-due]')) {
    const text = inWords((Number(time.dataset.due) - Date.now() - ahead) / 1000)
    if (time.textContent !== text) time.textContent = text
  }
}

function inWords(seconds) {
  if (seconds <= 0) return 'now'
  if (seconds < 90) return `in ${Math.ceil(seconds)} s`
  if (seconds < 5400) return `in ${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `in ${Math.round(seconds / 3600)} h` : `in ${Math.round(seconds / 86_400)} days`
}

async function post(path, body) {
  sending++
  try {
    return await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  } finally {
    sending--
  }
}

board.addEventListener('change', async ({ target: field }) => {
  await post('/sandbox/switches', { [field.name]: field.type === 'checkbox' ? field.checked : field.value })
  if (field.name === 'cookieMissing') window.meetVisitor(field.checked)
  // Prices and promises are written into the shop's pages.
  if (field.type === 'radio') location.reload()
})
board.addEventListener('submit', (event) => event.preventDefault())

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-action]')
  if (!button || button.ariaDisabled === 'true') return
  const { action, purchase } = button.dataset
  // Not `disabled`, which would take the focus away.
  button.ariaDisabled = 'true'
  await post(action, { purchase }).finally(() => {
    button.ariaDisabled = null
  })
  if (action !== '/sandbox/start-over') return
  // The next page is visited by somebody new.
  window.meetVisitor(true)
  location.assign('/')
})

async function keepUp() {
  // A sandbox that was stopped may come back; a hidden tab need not look.
  if (!document.hidden) await refresh().catch(() => {})
  setTimeout(keepUp, EVERY_MS)
}

if (timeline) timeline.scrollTop = timeline.scrollHeight
setInterval(countDown, 250)
countDown()
keepUp()
