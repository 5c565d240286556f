import { expect, test } from '@jest/globals';
import { Module, type DynamicModule } from '@nestjs/common';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';

const TEXT =
  'HeartbeatModule.forRoot() or forRootAsync() is imported more than once in this application. The module is ' +
  'global: import it in one place, usually the root module, and use @Heartbeat() for differences between gateways.';

test.each<[string, DynamicModule, DynamicModule]>([
  ['forRoot() twice', HeartbeatModule.forRoot(), HeartbeatModule.forRoot()],
  [
    'forRoot() beside forRootAsync()',
    HeartbeatModule.forRoot(),
    HeartbeatModule.forRootAsync({ useFactory: () => ({}) }),
  ],
])('an application with %s does not start', async (_, first, second) => {
  await expect(createApp({ imports: [first, second] })).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: TEXT,
  });
});

test('an application with a second forRoot() in an imported module does not start', async () => {
  @Module({ imports: [HeartbeatModule.forRoot()] })
  class FeatureModule {}

  const made = createApp({ imports: [HeartbeatModule.forRoot(), FeatureModule] });
  await expect(made).rejects.toThrow(TEXT);
});

test('two modules can import the result of one forRoot()', async () => {
  const heartbeat = HeartbeatModule.forRoot();
  @Module({ imports: [heartbeat] })
  class FeatureModule {}

  const app = await createApp({ imports: [heartbeat, FeatureModule] });
  await expect(app.init()).resolves.toBe(app);
  await app.close();
});

test('HeartbeatModule itself beside forRoot() is refused, and the error names the modules that import it', async () => {
  @Module({ imports: [HeartbeatModule] })
  class FeatureModule {}
  @Module({ imports: [FeatureModule, HeartbeatModule] })
  class OtherModule {}

  const made = createApp({ imports: [HeartbeatModule.forRoot(), OtherModule] });
  await expect(made).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: expect.stringMatching(
      /^(FeatureModule, OtherModule|OtherModule, FeatureModule) imports HeartbeatModule itself, beside a HeartbeatModule\.forRoot\(\) or forRootAsync\(\) in this application\. The module is global, remove this import\.$/,
    ) as unknown,
  });
});
