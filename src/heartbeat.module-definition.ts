import { ConfigurableModuleBuilder } from '@nestjs/common';
import { RAW_OPTIONS } from './heartbeat.constants.js';
import type { HeartbeatModuleOptions } from './heartbeat.options.js';

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<HeartbeatModuleOptions>({
  optionsInjectionToken: RAW_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createHeartbeatOptions')
  .build();
