import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import { type FailedDemand, HeartbeatGuard, type LivenessDemand } from 'nestjs-heartbeat';

expectTypeOf<HeartbeatGuard>().toExtend<CanActivate>();
expectTypeOf<HeartbeatGuard['canActivate']>().toEqualTypeOf<
  (context: ExecutionContext) => Promise<boolean>
>();
expectTypeOf<FailedDemand>().toEqualTypeOf<'open' | 'draining' | 'provenWithin' | 'maxRtt'>();

/** Every step can be changed by a subclass. */
export class LenientGuard extends HeartbeatGuard {
  protected override checkDraining(): void {}

  protected override getDemand(context: ExecutionContext): LivenessDemand | undefined {
    return super.getDemand(context) ?? { provenWithin: 10_000 };
  }

  protected override refuse(demand: FailedDemand, message: string): never {
    return super.refuse(demand, message.toUpperCase());
  }
}
