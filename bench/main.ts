// npm run bench [-- scenario …] [--short] [--repetitions n] [--only contender,…]
import { parseArgs } from 'node:util';
import { cost } from './scenarios/cost.js';
import { detection } from './scenarios/detection.js';
import { drain } from './scenarios/drain.js';
import { detector } from './scenarios/detector.js';
import { many } from './scenarios/many.js';
import { memory } from './scenarios/memory.js';
import { messages } from './scenarios/messages.js';
import { presence } from './scenarios/presence.js';
import { operations } from './scenarios/operations.js';
import { smoothness } from './scenarios/smoothness.js';
import { stall } from './scenarios/stall.js';
import { ALL, Bench } from './support/bench.js';
import { findBun } from './support/bun.js';
import type { ContenderName } from './support/contender.js';
import { findingsTable, type Finding } from './support/finding.js';

const SCENARIOS: Record<string, (bench: Bench) => Promise<Finding[]>> = {
  smoothness,
  cost,
  memory,
  many,
  detection,
  stall,
  messages,
  operations,
  detector,
  drain,
  presence,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    repetitions: { type: 'string' },
    only: { type: 'string' },
  },
});
const repetitions = values.repetitions === undefined ? undefined : Number(values.repetitions);
if (repetitions !== undefined && !(Number.isInteger(repetitions) && repetitions >= 1)) {
  throw new Error('--repetitions takes a whole number from 1 on');
}
// The shortest timeout of Bun, 8 s, is too long for the short form. `--only` can still select it.
const all = values.short ? ALL.filter((name) => name !== 'bun') : ALL;
const only = (values.only?.split(',') ?? all) as ContenderName[];
refuseUnknown(only, ALL);
refuseUnknown(positionals, Object.keys(SCENARIOS));
const chosen = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);

const bun = only.includes('bun') ? await findBun(!values.short) : undefined;
const bench = new Bench(values.short, repetitions, only, bun);
const findings: [string, Finding][] = [];
for (const name of chosen) {
  const found = (await SCENARIOS[name]?.(bench)) ?? [];
  for (const finding of found) findings.push([name, finding]);
}
// The short form compares no figure with its target, but every figure must have been measured.
const lost = findings.filter(([, { values }]) => values.length === 0 || values.some(Number.isNaN));
if (values.short && only === all && lost.length > 0) {
  throw new Error(`Not measured: ${lost.map(([name, { what }]) => `${name}: ${what}`).join('; ')}`);
}
console.log(`\n${findingsTable(findings, !values.short)}`);

function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`Unknown: ${unknown.join(', ')}. Known: ${known.join(', ')}`);
  }
}
