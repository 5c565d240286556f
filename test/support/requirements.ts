import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** Something that a test requires of the machine besides Node.js. */
interface Requirement {
  isMet(): boolean;
  /** What to do if it is not met. */
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
  promtool: { isMet: () => isOnPath('promtool'), remedy: SETUP },
  'redis-server': { isMet: () => isOnPath('redis-server'), remedy: SETUP },
  'valkey-server': { isMet: () => isOnPath('valkey-server'), remedy: SETUP },
  root: { isMet: () => process.geteuid?.() === 0, remedy: 'run the tests as root' },
  'network namespaces': {
    isMet: canCreateNamespaces,
    remedy: 'the system has to permit "ip netns add", which many containers forbid',
  },
} satisfies Record<string, Requirement>;

export type Need = keyof typeof NEEDS;

/**
 * `describe` for tests with requirements. If one is not met, the tests are skipped with a line that names it. Under CI
 * it is an error.
 */
export function requires(...needs: Need[]): typeof describe | typeof describe.skip {
  const missing = needs.filter((need) => !NEEDS[need].isMet());
  if (missing.length === 0) return describe;
  const requirements = missing.map((need) => `${need} (${NEEDS[need].remedy})`).join(', ');
  if (process.env['CI'] === 'true')
    throw new Error(`These tests must run under CI, but require: ${requirements}.`);
  process.stderr.write(`Skipped tests that require: ${requirements}.\n`);
  return describe.skip;
}

/**
 * The command that creates a network namespace. The lock serialises it: the first command mounts the common folder, and
 * two concurrent mounts would hide the namespaces of each other.
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

/** Root is not enough: the system must permit to create a namespace, to filter packets in it and to run a command. */
function canCreateNamespaces(): boolean {
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
