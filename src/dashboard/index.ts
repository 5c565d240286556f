export { HeartbeatDashboardModule } from './heartbeat.dashboard.module.js';
export type { HeartbeatDashboardOptions } from './dashboard.options.js';
export type {
  ClosingAgeCounts,
  DashboardClient,
  DashboardMinute,
  DashboardOverview,
} from './dashboard.interfaces.js';
