import { Module, type DynamicModule } from '@nestjs/common';
import { ClientScan } from './client.scan.js';
import { ClientsTable } from './clients.table.js';
import { DashboardActions } from './dashboard.actions.js';
import { dashboardController } from './dashboard.controller.js';
import {
  DASHBOARD_OPTIONS,
  resolveDashboardOptions,
  type HeartbeatDashboardOptions,
} from './dashboard.options.js';
import { HistoryTable } from './history.table.js';
import { DashboardMinutes } from './minutes.js';
import { Overview } from './overview.js';
import { DEFAULT_PAGE_FOLDERS, PAGE_FOLDERS, PageFiles } from './page.files.js';

/**
 * Serves a page that shows the clients of this application, those that closed and why, and the last hour. Needs
 * `HeartbeatModule` in the root module. It is a controller of the application: the global prefix, guards and filters
 * hold for it.
 *
 * @publicApi
 */
@Module({})
export class HeartbeatDashboardModule {
  /**
   * Serves the page, behind guards or, with `public: true`, protected by the global guards alone.
   *
   * @throws HeartbeatOptionsError for invalid options, and without exactly one of `guards` and `public`
   */
  static forRoot(options: HeartbeatDashboardOptions): DynamicModule {
    const resolved = resolveDashboardOptions(options);
    return {
      module: HeartbeatDashboardModule,
      imports: resolved.imports,
      controllers: [dashboardController(resolved)],
      providers: [
        { provide: DASHBOARD_OPTIONS, useValue: resolved },
        { provide: PAGE_FOLDERS, useValue: DEFAULT_PAGE_FOLDERS },
        PageFiles,
        DashboardMinutes,
        Overview,
        ClientScan,
        ClientsTable,
        HistoryTable,
        DashboardActions,
      ],
    };
  }
}
