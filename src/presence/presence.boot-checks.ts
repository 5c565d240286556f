import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { PresenceOptionsError } from './presence.errors.js';
import { PRESENCE_OPTIONS } from './presence.options.js';

/** Checks at boot that presence is registered once, beside `HeartbeatModule`. */
@Injectable()
export class PresenceBootChecks {
  constructor(modules: ModulesContainer) {
    const registered = [...modules.values()];
    const count = registered.filter(({ providers }) => providers.has(PRESENCE_OPTIONS)).length;
    if (count > 1) {
      throw new PresenceOptionsError(
        'PresenceModule is registered twice. It is global: import PresenceModule.forRoot() once, in the root module.',
      );
    }
    if (!registered.some(({ providers }) => providers.has(HEARTBEAT_OPTIONS))) {
      throw new PresenceOptionsError(
        'PresenceModule needs HeartbeatModule. Import HeartbeatModule.forRoot() in the root module, too.',
      );
    }
  }
}
