import { Controller, Get, Header } from '@nestjs/common';
import { register } from 'prom-client';

/** The metrics of the module, in the text format of Prometheus. */
@Controller('metrics')
export class MetricsController {
  @Get()
  @Header('Content-Type', register.contentType)
  read(): Promise<string> {
    return register.metrics();
  }
}
