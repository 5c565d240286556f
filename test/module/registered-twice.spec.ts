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
])('an application with %s is refused', async (_, first, second) => {
  await expect(createApp({ imports: [first, second] })).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: TEXT,
  });
});

test('a second forRoot() is refused in a module that the root module imports, too', async () => {
  @Module({ imports: [HeartbeatModule.forRoot()] })
  class FeatureModule {}

  const made = createApp({ imports: [HeartbeatModule.forRoot(), FeatureModule] });
  await expect(made).rejects.toThrow(TEXT);
});

test('one forRoot() that two modules import is one', async () => {
  const heartbeat = HeartbeatModule.forRoot();
  @Module({ imports: [heartbeat] })
  class FeatureModule {}

  const app = await createApp({ imports: [heartbeat, FeatureModule] });
  await expect(app.init()).resolves.toBe(app);
  await app.close();
});

test('a bare import beside a forRoot() is refused, with the modules that have it', async () => {
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
