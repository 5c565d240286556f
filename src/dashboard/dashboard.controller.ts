import {
  Controller,
  Get,
  HttpCode,
  Injectable,
  Post,
  Req,
  Res,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { ClientsTable } from './clients.table.js';
import { DashboardActions } from './dashboard.actions.js';
import {
  headersGuard,
  INSTANCE_HEADER,
  pathOf,
  queryOf,
  sendFile,
  sendJson,
  sendPage,
  type HttpRequest,
  type HttpResponse,
} from './dashboard.http.js';
import type { ResolvedDashboardOptions } from './dashboard.options.js';
import { clientsQuery, historyQuery } from './dashboard.queries.js';
import { HistoryTable } from './history.table.js';
import { Overview } from './overview.js';
import { PageFiles } from './page.files.js';

/*
 * The handlers take the request and the response as they are: global pipes and interceptors of the application, which
 * may change parameters and wrap answers, do not apply.
 */

/** The routes that read. */
@Injectable()
class DashboardController {
  constructor(
    private readonly files: PageFiles,
    private readonly overview: Overview,
    private readonly clients: ClientsTable,
    private readonly closed: HistoryTable,
    protected readonly actions: DashboardActions,
  ) {}

  @Get()
  async getPage(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    sendPage(response, await this.files.page(pathOf(request)));
  }

  @Get('assets/:file')
  async getFile(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    const { file } = request.params as { file?: unknown };
    const { type, content } = await this.files.file(file);
    sendFile(response, type, content);
  }

  @Get('data/overview')
  getOverview(@Res() response: HttpResponse): void {
    this.sendData(response, this.overview.read());
  }

  @Get('data/clients')
  async getClients(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    this.sendData(response, await this.clients.read(clientsQuery(queryOf(request))));
  }

  @Get('data/history')
  async getHistory(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    this.sendData(response, await this.closed.read(historyQuery(queryOf(request))));
  }

  /** Behind a load balancer, the page has to know which instance answers. */
  private sendData(response: HttpResponse, data: unknown): void {
    sendJson(response.header(INSTANCE_HEADER, this.overview.instance.id), data);
  }
}

/** The routes that read and those that act. */
@Injectable()
class DashboardActionsController extends DashboardController {
  @Post('actions/probe')
  @HttpCode(200)
  async probe(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    sendJson(response, await this.actions.probe(request));
  }

  @Post('actions/disconnect')
  @HttpCode(200)
  async disconnect(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
    sendJson(response, await this.actions.disconnect(request));
  }
}

/** The controller for some options: Nest reads the path and the guards from its metadata. */
export function dashboardController({ path, guards, actions }: ResolvedDashboardOptions): Type {
  const Base = actions ? DashboardActionsController : DashboardController;
  @UseGuards(headersGuard, ...guards)
  @Controller({ path, version: VERSION_NEUTRAL })
  class HeartbeatDashboardController extends Base {}
  return HeartbeatDashboardController;
}
