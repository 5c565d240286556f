import { Controller, Get, Query, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  TerminusModule,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { HeartbeatModule, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { HeartbeatHealthIndicator } from 'nestjs-heartbeat/terminus';
import { block } from '../support/block.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { sendRequest } from '../support/http.js';
import { QUICK, startWith, type MonitoredApp } from '../support/monitored.js';

/** Terminus 11 has no status `degraded`. */
export const DEGRADED =
  process.env['MATRIX_NEST'] === '11' ? { status: 'up', degraded: true } : { status: 'degraded' };

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly heartbeat: HeartbeatHealthIndicator,
  ) {}

  @Get('ready')
  @HealthCheck()
  ready(@Query() query: Record<string, string>): Promise<HealthCheckResult> {
    const limits = Object.entries(query).map(([name, value]) => [name, Number(value)] as const);
    return this.health.check([
      () => this.heartbeat.isReady('heartbeat', Object.fromEntries(limits)),
    ]);
  }

  @Get('alive')
  @HealthCheck()
  alive(): Promise<HealthCheckResult> {
    return this.health.check([() => this.heartbeat.isAlive('heartbeat')]);
  }

  /** A request that is read in the turn of the event loop in which a stall ends. */
  @Get('stall')
  @HealthCheck()
  stall(@Query('duration') duration: string): Promise<HealthCheckResult> {
    block(Number(duration));
    return this.alive();
  }
}

/** What a health route answers about the module. */
export interface Health {
  readonly code: number;
  /** The result of the indicator, its status included. */
  readonly heartbeat: Record<string, unknown>;
  readonly text: string;
}

/** An application with health routes. */
export interface HealthApp extends MonitoredApp {
  readonly get: (route: string) => Promise<Health>;
}

/** Starts an application with `health/ready`, `health/alive` and a monitored gateway. */
export async function startHealth(
  { imports = [], providers = [] }: Pick<ModuleMetadata, 'imports' | 'providers'> = {},
  options: HeartbeatModuleOptions = QUICK,
): Promise<HealthApp> {
  const monitored = await startWith({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      HeartbeatModule.forRoot(options),
      ...imports,
    ],
    controllers: [HealthController],
    providers: [HeartbeatHealthIndicator, ChatGateway, ...providers],
  });
  return { ...monitored, get: (route) => getHealth(monitored.url, route) };
}

/** The indicator of an application. */
export const indicatorOf = (app: INestApplication) => app.get(HeartbeatHealthIndicator);

/** Asks a health route of an application. */
export async function getHealth(url: string, route: string): Promise<Health> {
  const { status, text } = await sendRequest(`${url}/health/${route}`);
  const { details } = JSON.parse(text) as { details: { heartbeat: Record<string, unknown> } };
  return { code: status, heartbeat: details.heartbeat, text };
}
