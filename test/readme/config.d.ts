// The part of @nestjs/config that the documentation uses. readme.e2e.spec.ts compiles the same code with the package.
declare module '@nestjs/config' {
  export class ConfigService {
    get(key: string, fallback: string): string;
  }
  export const ConfigModule: {
    forRoot(): Promise<import('@nestjs/common').DynamicModule>;
  };
}
