import { HttpStatus, Injectable, type HttpException } from '@nestjs/common';
import {
  ClientDisconnectedError,
  HeartbeatShutdownError,
  ProbeTimeoutError,
  UnknownClientError,
} from '../heartbeat.errors.js';
import type { Liveness } from '../heartbeat.interfaces.js';
import { logger } from '../heartbeat.logger.js';
import { escapeText, show } from '../heartbeat.text.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { ClientScan } from './client.scan.js';
import { dashboardError } from './dashboard.errors.js';
import type { HttpRequest } from './dashboard.http.js';
import { bodyOf } from './request.body.js';
import { refuseOtherSites } from './same-origin.js';

const DEFAULT_REASON = 'Disconnected by an operator';

/** Acts on single clients for an operator. Every action is logged. */
@Injectable()
export class DashboardActions {
  constructor(
    private readonly liveness: LivenessService,
    private readonly scan: ClientScan,
  ) {}

  /** @throws HttpException 404 for a client that is gone, 504 for one that does not answer */
  async probe(request: HttpRequest): Promise<{ rtt: number }> {
    refuseOtherSites(request.headers);
    const { id } = await bodyOf(request);
    const { client } = await this.begin('probe', id, request);
    try {
      return { rtt: await this.liveness.probe(client) };
    } catch (error) {
      throw answerTo(error, id);
    }
  }

  /** @throws HttpException (404) for a client that is gone */
  async disconnect(request: HttpRequest): Promise<Record<string, never>> {
    refuseOtherSites(request.headers);
    const { id, reason = DEFAULT_REASON } = await bodyOf(request);
    const { client } = await this.begin('disconnect', id, request);
    this.liveness.disconnect(client, { reason });
    return {};
  }

  /** Finds the client, and logs the action. */
  private async begin(action: string, id: string, { ip }: HttpRequest): Promise<Liveness> {
    const liveness = (await this.scan.find(id))?.liveness();
    if (liveness === undefined) throw unknown(id);
    const { client, label } = liveness;
    if (client.readyState !== client.OPEN) throw gone(new ClientDisconnectedError());
    logger.warn(
      `Dashboard: ${action} of client ${escapeText(id)}${label === undefined ? '' : `, label ${escapeText(label)}`}, ` +
        `by ${ip === undefined ? 'an unknown address' : escapeText(ip)}`,
    );
    return liveness;
  }
}

function answerTo(error: unknown, id: string): unknown {
  if (error instanceof ProbeTimeoutError)
    return dashboardError(HttpStatus.GATEWAY_TIMEOUT, error.code, error.message);
  if (error instanceof UnknownClientError) return unknown(id);
  return error instanceof ClientDisconnectedError || error instanceof HeartbeatShutdownError
    ? gone(error)
    : error;
}

function unknown(id: string): HttpException {
  const message = `No open connection has the ID ${show(id)}. It may have closed.`;
  return dashboardError(HttpStatus.NOT_FOUND, 'HEARTBEAT_UNKNOWN_CLIENT', message);
}

function gone({ code }: ClientDisconnectedError | HeartbeatShutdownError): HttpException {
  return dashboardError(HttpStatus.NOT_FOUND, code, 'The client has disconnected or is closing.');
}
