// One tool call an iteration: a person's program through the proxy, or an agent inside with a token signed for the call,
// by the protocol of 2026-07-28 or an older one. What is called, by whom, how often: the plan, a file named by PLAN.

import http from 'k6/http'
import { hmac } from 'k6/crypto'
import { b64encode } from 'k6/encoding'
import { Counter, Rate, Trend } from 'k6/metrics'

const MODERN = '2026-07-28'
const LEGACY = '2025-06-18'
const META = 'io.modelcontextprotocol'
const plan = JSON.parse(open(__ENV.PLAN))

const duration = new Trend('call_ms', true)
const failed = new Rate('failed')
const limited = new Rate('limited')
const calls = new Counter('calls')
// Metrics are made at the start or never, so there is one for every code that an answer may have.
const codes = Object.fromEntries(plan.codes.map((code) => [code, new Counter(`code_${code}`)]))

// A threshold that always holds has k6 report these groups of calls apart.
const groups = Object.fromEntries(
  ['public', 'inside'].flatMap((face) =>
    ['modern', 'legacy'].map((era) => [`call_ms{face:${face},era:${era}}`, ['max>=0']]),
  ),
)

export const options = {
  scenarios: { calls: plan.scenario },
  thresholds: { ...groups, ...plan.thresholds },
  summaryTrendStats: ['count', 'avg', 'p(50)', 'p(95)', 'p(99)', 'max'],
}

export default function () {
  const number = Math.floor(Math.random() * plan.people.length)
  const [tool, given] = pick(plan.calls)
  const era = Math.random() < 0.5 ? 'modern' : 'legacy'
  const face = Math.random() < plan.inside_share ? 'inside' : 'public'
  const url = face === 'public' ? plan.public : pick(plan.inside)
  const token = face === 'public' ? plan.people[number] : serviceToken(plan.users[number])
  const request = era === 'modern' ? modern(tool, given) : legacy(tool, given)
  const headers = {
    Authorization: `Bearer ${token}`,
    Accept: 'application/json, text/event-stream',
    'Content-Type': 'application/json',
    ...request.headers,
  }
  const response = http.post(`${url}/mcp`, JSON.stringify(request.body), { headers, timeout: '60s' })
  count(response, { face, era, tool })
}

function modern(tool, given) {
  const about = {
    [`${META}/protocolVersion`]: MODERN,
    [`${META}/clientInfo`]: { name: 'load', version: '1' },
    [`${META}/clientCapabilities`]: {},
  }
  return {
    headers: { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'tools/call', 'Mcp-Name': tool },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: given, _meta: about } },
  }
}

function legacy(tool, given) {
  return {
    headers: { 'MCP-Protocol-Version': LEGACY },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: given } },
  }
}

// A JWT (RFC 7519) by HS256, good for a minute, as the agent's programs make one for each call.
function serviceToken(user) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: plan.issuer, aud: plan.audience, sub: user, iat: now, exp: now + 60, jti: `${Math.random()}` }
  const text = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => b64encode(JSON.stringify(part), 'rawurl')).join('.')
  return `${text}.${hmac('sha256', plan.secret, text, 'base64rawurl')}`
}

function count(response, tags) {
  const code = codeOf(response)
  calls.add(1, tags)
  duration.add(response.timings.duration, tags)
  failed.add(code !== 'ok' && code !== 'rate_limited', tags)
  limited.add(code === 'rate_limited', tags)
  codes[code in codes ? code : 'other'].add(1, tags)
}

// `ok`, the code of a failure in the service's own words, or how the answer was none.
function codeOf(response) {
  if (response.status === 0) return 'no_answer'
  if (response.status !== 200) return 'http_error'
  const { result } = message(response.body)
  if (!result) return 'rpc_error'
  return result.isError ? result._meta[plan.error_meta].code : 'ok'
}

// The answer is JSON, or the only data line of an event stream.
function message(body) {
  const line = body.startsWith('{') ? body : body.split('\n').find((one) => one.startsWith('data: {'))
  return line ? JSON.parse(line.replace(/^data: /, '')) : {}
}

function pick(choices) {
  return choices[Math.floor(Math.random() * choices.length)]
}

export function handleSummary(data) {
  return { [plan.summary]: JSON.stringify(data) }
}
