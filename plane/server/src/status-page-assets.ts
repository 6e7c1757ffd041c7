/** The status page's style and script, inline because the page is one file and its policy names their hashes. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #16211f; --dim: #5c6b67; --line: #d5dedb; --ground: #f7f9f8; --mark: #0b6e5f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6efec; --dim: #93a5a0; --line: #2c3936; --ground: #101715; --mark: #5fd0bb; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 3rem 1.25rem; max-width: 46rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -0.01em; }
header p { margin: 0.25rem 0 2rem; color: var(--dim); }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-bottom: 2rem; }
label { color: var(--dim); }
input { flex: 1 1 16rem; padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: 0.375rem; background: transparent; color: inherit; font: inherit; }
button { padding: 0.5rem 0.9rem; border: 0; border-radius: 0.375rem; background: var(--mark); color: var(--ground); font: inherit; cursor: pointer; }
:is(input, button, a):focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
#problem { flex-basis: 100%; margin: 0; color: #b3362b; }
#problem:empty { display: none; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.5rem; }
th { text-align: left; font-weight: 500; color: var(--dim); }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; padding-right: 2rem; font-variant-numeric: tabular-nums; }
tr.moved td { color: var(--mark); }
footer { margin-top: 3rem; color: var(--dim); }
footer a { color: inherit; margin-right: 1rem; }
code { font-family: ui-monospace, monospace; }
`

export const pageScript = `
const state = document.getElementById('state'), problem = document.getElementById('problem')
const table = document.getElementById('environments'), body = table.querySelector('tbody'), none = document.getElementById('none')
fetch('/health').then((r) => r.json()).then((h) => { state.textContent = 'up since ' + new Date(h.started).toLocaleString() }, () => { state.textContent = 'not answering' })
const rows = new Map()
function show(e, moved) {
  const name = e.project + '/' + e.environment
  let row = rows.get(name)
  if (!row) { row = body.insertRow(); for (const c of ['', 'number', '']) row.insertCell().className = c; rows.set(name, row) }
  row.className = moved ? 'moved' : ''
  const texts = [name, e.revision, new Date(e.changed || Date.now()).toLocaleString()]
  texts.forEach((text, i) => { row.cells[i].textContent = text })
}
document.getElementById('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault()
  problem.textContent = ''
  const token = document.getElementById('token').value.trim()
  const response = await fetch('/api/v1/environments', { headers: { authorization: 'Bearer ' + token } })
  const answer = await response.json()
  if (!response.ok) { problem.textContent = answer.message; return }
  body.textContent = ''; rows.clear()
  answer.environments.forEach((e) => show(e, false))
  table.hidden = answer.environments.length === 0; none.hidden = !table.hidden
  if (answer.environments.length === 0) return
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/api/v1/events')
  socket.onopen = () => {
    socket.send(JSON.stringify({ type: 'authenticate', token }))
    const environments = answer.environments.slice(0, 100).map((e) => ({ organisation: e.organisation, project: e.project, environment: e.environment, known: e.revision }))
    socket.send(JSON.stringify({ type: 'watch', environments }))
  }
  socket.onmessage = (m) => { const f = JSON.parse(m.data); if (f.type === 'revision') show(f, true) }
})
`
