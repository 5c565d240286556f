// Does what README says, in projects that `nest new` makes: installs as printed, pastes the quick start as printed, builds, starts,
// and runs the tests of the project. The blocks come from the documents, so this tests the documents.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeBlocks } from '../readme/code.blocks.js';
import { connect } from '../support/client.js';
import { Starter } from './starter.js';

/** A step installs packages, on a machine that may be busy. */
const LONG = 600_000;

/** The commands below a comment such as `<!-- install: nest 12 -->`. */
function installCommands(nest: number): string {
  const readme = readFileSync('README.md', 'utf8');
  const [, commands] =
    new RegExp(`<!-- install: nest ${nest} -->\\n+\`\`\`sh\\n(.*?)\`\`\``, 's').exec(readme) ?? [];
  if (commands === undefined) throw new Error(`README has no commands for Nest ${nest}`);
  return commands;
}

/** "On Nest 11, write relative imports without `.js`." */
function asOn(nest: number, code: string): string {
  return nest === 11 ? code.replace(/(from '\.{1,2}\/[^']*)\.js'/g, "$1'") : code;
}

function blockOf(page: string, part: string): string {
  const block = codeBlocks(page).find(({ code, path }) => path === part || code.includes(part));
  if (block === undefined) throw new Error(`${page} has no block with ${part}`);
  return block.code;
}

/** "Call `app.useWebSocketAdapter(new WsAdapter(app))` before `app.init()`." */
function withAdapter(spec: string): string {
  const changed = spec.replace(
    'await app.init();',
    'app.useWebSocketAdapter(new WsAdapter(app));\n    await app.init();',
  );
  expect(changed).not.toBe(spec);
  return `import { WsAdapter } from '@nestjs/platform-ws';\n${changed}`;
}

describe.each([12, 11])('in a project of nest new, Nest %d', (nest) => {
  let starter: Starter;

  beforeAll(() => {
    starter = new Starter(nest);
  }, LONG);
  afterAll(() => starter.remove());

  test(
    'the packages install as printed, without a conflict',
    () => {
      const output = starter.shell(installCommands(nest));
      expect(output).not.toMatch(/ERESOLVE|npm warn.*(peer|nestjs-heartbeat)/i);
      const { dependencies } = JSON.parse(starter.read('package.json')) as {
        dependencies: Record<string, string>;
      };
      expect(dependencies['@nestjs/websockets']).toMatch(new RegExp(`^\\^${nest}\\.`));
      expect(dependencies).not.toHaveProperty('@nestjs/schedule');
    },
    LONG,
  );

  test(
    'the quick start builds, monitors its gateway, drains on SIGTERM, and logs no warning',
    async () => {
      for (const { path, code } of codeBlocks('README.md')) {
        if (path !== undefined) starter.write(path, asOn(nest, code));
      }
      starter.shell('npm run build');
      const application = await starter.start();
      const client = await connect(`${application.url}/chat`);
      expect(await client.request('status')).toEqual({
        event: 'status',
        data: { clients: 1, state: 'alive' },
      });
      const log = await application.stop();
      expect(await client.closed).toMatchObject({ code: 1012 });
      expect(log).toMatch(/\[HeartbeatModule\].* ChatGateway/);
      expect(log).not.toMatch(/WARN|ERROR|Warning/);
    },
    LONG,
  );

  test(
    'the tests of the project pass, with the adapter in the end-to-end test',
    () => {
      starter.write('test/app.e2e-spec.ts', withAdapter(starter.read('test/app.e2e-spec.ts')));
      expect(starter.shell('npm test')).not.toMatch(/nestjs-heartbeat|HeartbeatModule/);
      const output = starter.shell('npm run test:e2e');
      expect(output).not.toMatch(/WARN|ERROR|did not exit|nestjs-heartbeat/);
    },
    LONG,
  );

  test(
    'the tests of docs/testing.md pass',
    () => {
      for (const { path = '', code } of codeBlocks('docs/testing.md')) {
        // The way to fake timers differs between Jest and Vitest.
        if (nest === 12 && path === 'fake-timers.spec.ts') continue;
        const ported = nest === 12 ? code.replace("'@jest/globals'", "'vitest'") : code;
        starter.write(`src/testing/${path}`, asOn(nest, ported));
      }
      starter.shell('npm install --save-dev ws');
      starter.shell('npm test');
      starter.shell('rm -r src/testing');
    },
    LONG,
  );

  test(
    'the options of docs/guide.md come from the package @nestjs/config',
    async () => {
      starter.shell('npm install @nestjs/config');
      const code = blockOf('docs/guide.md', '@nestjs/config').replace(
        'AppModule',
        'SettingsModule',
      );
      starter.write('src/settings.module.ts', code);
      const main = starter.read('src/app.module.ts');
      const extension = nest === 11 ? '' : '.js';
      starter.write(
        'src/app.module.ts',
        `import { SettingsModule } from './settings.module${extension}';\n` +
          main
            .replace("import { HeartbeatModule } from 'nestjs-heartbeat';\n", '')
            .replace('HeartbeatModule.forRoot()', 'SettingsModule'),
      );
      starter.shell('npm run build');
      const application = await starter.start({ HEARTBEAT_INTERVAL: '7000' });
      expect(await application.stop()).toContain('7000 ms');
    },
    LONG,
  );
});
