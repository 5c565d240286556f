// What `npm start` runs: one instance.
import { Logger } from '@nestjs/common';
import { createApplication, portOf } from './application.js';

const app = await createApplication();
// On SIGINT and SIGTERM, clients are closed with 1012 (service restart) before Nest closes the servers.
app.enableShutdownHooks();

// The page can start processes on this machine. Set HOST to allow access from other machines.
const { PORT = '3000', HOST = 'localhost' } = process.env;
await app.listen(Number(PORT), HOST);
new Logger('Demo').log(`Open http://localhost:${portOf(app)}`);
