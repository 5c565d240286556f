import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { PresenceOptionsError } from './presence.errors.js';
import { PRESENCE_OPTIONS } from './presence.options.js';

/** Checks at boot that presence is registered once. */
@Injectable()
export class PresenceBootChecks {
  constructor(modules: ModulesContainer) {
    const count = [...modules.values()].filter(({ providers }) =>
      providers.has(PRESENCE_OPTIONS),
    ).length;
    if (count > 1) {
      throw new PresenceOptionsError(
        'PresenceModule is registered twice. It is global: import PresenceModule.forRoot() once, in the root module.',
      );
    }
  }
}
