import { expectTypeOf } from 'expect-type';
import { isHeartbeat } from 'nestjs-heartbeat';

expectTypeOf(isHeartbeat).toEqualTypeOf<(data: unknown, event?: string) => boolean>();
