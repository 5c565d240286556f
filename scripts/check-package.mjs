// Checks what would be published, packed: its package.json, and its types under every way to resolve them.
import { execSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'nestjs-heartbeat-'));
const run = (command) => execSync(command, { stdio: 'inherit' });

const CLIENTS = {
  // For browsers as for Node: the types need neither the DOM library nor Node's.
  'no-dom.ts': { lib: ['es2022'], text: "export * from 'nestjs-heartbeat/client/reconnect';" },
  'dom.ts': {
    lib: ['es2022', 'dom'],
    text: `import { withHeartbeat } from 'nestjs-heartbeat/client';
      import { connect } from 'nestjs-heartbeat/client/reconnect';
      const socket: WebSocket = new (withHeartbeat(WebSocket))('wss://example.com');
      socket.addEventListener('message', ({ data }: MessageEvent) => data);
      connect('wss://example.com', { WebSocket }).socket.addEventListener('message', ({ data }) => data);`,
  },
};

/** Compiles clients against what is packed, its declarations included. */
function checkClientTypes(tarball) {
  const target = join(folder, 'node_modules', 'nestjs-heartbeat');
  mkdirSync(target, { recursive: true });
  run(`tar -xzf ${tarball} --strip-components=1 -C ${target}`);
  for (const [name, { lib, text }] of Object.entries(CLIENTS)) {
    const compilerOptions = {
      lib,
      types: [],
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    const config = join(folder, `${name}.json`);
    writeFileSync(join(folder, name), text);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [name] }));
    run(`tsc -p ${config}`);
  }
}

try {
  run(`npm pack --silent --pack-destination ${folder}`);
  const [tarball] = readdirSync(folder).map((name) => join(folder, name));
  run(`publint --strict ${tarball}`);
  run(`attw ${tarball}`);
  checkClientTypes(tarball);
} catch (error) {
  // The tools have said why.
  process.exitCode = error.status || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
