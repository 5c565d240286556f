import { Logger } from '@nestjs/common';

/** The one logger of the module. It passes everything on to the logger of the application. */
export const logger = new Logger('HeartbeatModule');
