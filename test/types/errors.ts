import { expectTypeOf } from 'expect-type';
import {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  HeartbeatShutdownError,
  ProbeTimeoutError,
  UnknownClientError,
} from 'nestjs-heartbeat';

expectTypeOf<ClientDisconnectedError>().toExtend<Error & { readonly code: string }>();
expectTypeOf<HeartbeatOptionsError>().toExtend<Error & { readonly code: string }>();
expectTypeOf<HeartbeatShutdownError>().toExtend<Error & { readonly code: string }>();
expectTypeOf<ProbeTimeoutError>().toExtend<Error & { readonly code: string }>();
expectTypeOf<UnknownClientError>().toExtend<Error & { readonly code: string }>();

/** The codes are literals, so that a switch over them tells the errors apart. */
type AnyError =
  | ClientDisconnectedError
  | HeartbeatOptionsError
  | HeartbeatShutdownError
  | ProbeTimeoutError
  | UnknownClientError;
expectTypeOf<
  Extract<AnyError, { code: ProbeTimeoutError['code'] }>
>().toEqualTypeOf<ProbeTimeoutError>();

export function handle(error: unknown): string {
  if (error instanceof ProbeTimeoutError) return error.code;
  if (error instanceof UnknownClientError) return error.message;
  return 'unknown';
}
