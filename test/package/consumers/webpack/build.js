import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import webpack from 'webpack';

// Optional packages that Nest looks for.
const OPTIONAL =
  /^(@nestjs\/(microservices|platform-socket\.io)|class-(transformer|validator))(\/|$)/;

const stats = await promisify(webpack)({
  mode: 'development',
  devtool: false,
  target: 'node',
  entry: './main.js',
  output: { path: fileURLToPath(new URL('bundle', import.meta.url)), filename: 'main.cjs' },
  plugins: [new webpack.IgnorePlugin({ resourceRegExp: OPTIONAL })],
});
if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
