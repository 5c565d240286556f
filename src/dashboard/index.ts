export { HeartbeatDashboardModule } from './heartbeat.dashboard.module.js';
export type { HeartbeatDashboardOptions } from './dashboard.options.js';
export type {
  DashboardClient,
  DashboardMinute,
  DashboardOverview,
} from './dashboard.interfaces.js';
