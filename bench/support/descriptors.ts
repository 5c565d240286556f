import { execFileSync } from 'node:child_process';

/** Descriptors that a process needs besides its connections. */
const OTHERS = 100;

/** Limits a number of connections to what one process may open. Logs the limit if it applies. */
export function allowed(connections: number): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim());
  // `unlimited` is not a number, and no limit.
  if (!(limit - OTHERS < connections)) return connections;
  console.log(`${connections} connections were wanted, but \`ulimit -n\` allows ${limit}`);
  return limit - OTHERS;
}
