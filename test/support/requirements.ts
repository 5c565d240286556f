import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** Something that a test may need of the machine beyond Node. */
interface Requirement {
  isMet(): boolean;
  /** What to do where it is not. */
  readonly remedy: string;
}

const SETUP = '"npm run test:setup" installs it';

const NEEDS = {
  chromium: { isMet: () => isOnPath('chromium'), remedy: SETUP },
  iptables: { isMet: () => isOnPath('iptables'), remedy: SETUP },
  tc: { isMet: () => isOnPath('tc'), remedy: SETUP },
  ip: { isMet: () => isOnPath('ip'), remedy: SETUP },
  perl: { isMet: () => isOnPath('perl'), remedy: SETUP },
  faketime: { isMet: () => isOnPath('faketime'), remedy: SETUP },
  root: { isMet: () => process.geteuid?.() === 0, remedy: 'run the tests as root' },
  'network namespaces': {
    isMet: mayMakeNamespaces,
    remedy: 'the system has to permit "ip netns add", which many containers do not',
  },
} satisfies Record<string, Requirement>;

export type Need = keyof typeof NEEDS;

/**
 * `describe` for tests that need more of the machine than others: skipped, with a line that says what is
 * missing, where the machine lacks it; under CI that is a failure.
 */
export function requires(...needs: Need[]): typeof describe | typeof describe.skip {
  const missing = needs.filter((need) => !NEEDS[need].isMet());
  if (missing.length === 0) return describe;
  const what = missing.map((need) => `${need} (${NEEDS[need].remedy})`).join(', ');
  if (process.env['CI'] === 'true')
    throw new Error(`These tests have to run under CI, and miss: ${what}.`);
  process.stderr.write(`Skipped tests, for want of: ${what}.\n`);
  return describe.skip;
}

/**
 * The command that makes a network namespace. One at a time: the first mounts the folder of all of them, and two
 * that do so at once hide from each other what they make.
 */
export function addNamespace(name: string): [command: string, ...args: string[]] {
  return ['flock', join(tmpdir(), 'heartbeat-netns.lock'), 'ip', 'netns', 'add', name];
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Root is not enough: the system must let us make a namespace, filter in it, and run something there. */
function mayMakeNamespaces(): boolean {
  const name = `heartbeat-${process.pid}-0`;
  const ip = (...args: string[]) => execFileSync('ip', ['netns', ...args], { stdio: 'ignore' });
  const [command, ...args] = addNamespace(name);
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    return false;
  }
  try {
    ip('exec', name, 'iptables', '-w', '-A', 'INPUT', '-j', 'DROP');
    return true;
  } catch {
    return false;
  } finally {
    ip('delete', name);
  }
}
