import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';

/** The metrics of the module, in the text format of Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  read(): Promise<string> {
    return this.registry.metrics();
  }
}
