// npm run bench [-- scenario …] [--short] [--pairs n]
import { parseArgs } from 'node:util';
import { messages } from './scenarios/messages.js';

const SCENARIOS = { messages };
type Scenario = keyof typeof SCENARIOS;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, pairs: { type: 'string' } },
});
const isShort = values.short;
const pairs = Number(values.pairs ?? (isShort ? 1 : 9));
if (!Number.isInteger(pairs) || pairs < 1)
  throw new Error('--pairs takes a whole number from 1 on');
const unknown = positionals.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0) {
  throw new Error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(SCENARIOS).join(', ')}`);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
for (const name of chosen) await SCENARIOS[name as Scenario]({ pairs, isShort });
