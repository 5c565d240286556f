import { HttpException, HttpStatus } from '@nestjs/common';

/** An answer that is an error: an exception, so that the filters of the application format it. */
export function dashboardError(status: HttpStatus, code: string, message: string): HttpException {
  return new HttpException({ statusCode: status, code, message }, status);
}

/** A query or a body with a value that is not understood. */
export function invalidRequest(message: string): HttpException {
  return dashboardError(HttpStatus.BAD_REQUEST, 'HEARTBEAT_INVALID_ARGUMENT', message);
}
