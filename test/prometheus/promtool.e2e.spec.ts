import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import { endInAllWays } from '../support/endings.js';
import { requires } from '../support/requirements.js';
import { dashboardQueries } from './documents.js';
import { startScraped } from './scrape.js';

/** Throws with what the program prints if it finds a fault. */
const promtool = (args: string[], options: ExecFileSyncOptions = {}) =>
  String(execFileSync('promtool', args, { stdio: 'pipe', ...options }));
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

requires('promtool')('promtool', () => {
  test('has no objection to a scrape', async () => {
    const app = await startScraped({ registry: new Registry() });
    app.liveness.watch(new WebSocketServer({ noServer: true }), { name: 'ops "1"\\\n{}' });
    await endInAllWays(app);
    const { text } = await app.scrape();
    expect(promtool(['check', 'metrics'], { input: text })).toBe('');
  });

  test('accepts the alert rules', () => {
    const checked = promtool(['check', 'rules', pathOf('../../docs/alert-rules.yml')]);
    expect(checked).toMatch(/SUCCESS: 7 rules found/);
  });

  test('finds that each alert fires on its cause and on nothing else', () => {
    promtool(['test', 'rules', pathOf('./alert-rules.test.yml')]);
  });

  test('can read all queries of the Grafana dashboard', () => {
    const rules = dashboardQueries().map((expr, index) => ({ record: `query:${index}`, expr }));
    const folder = mkdtempSync(join(tmpdir(), 'hb-rules-'));
    try {
      const file = join(folder, 'rules.yml');
      // JSON is YAML.
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      expect(promtool(['check', 'rules', file])).toContain(`SUCCESS: ${rules.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
