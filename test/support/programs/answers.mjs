/** The settings that `Child.start()` passed. */
export const settings = JSON.parse(process.argv[2]);

/**
 * Reports that the program is ready, and answers requests by calling the method of that name, until the parent process
 * disconnects. Each program has the method `origin`: the zero of its `performance.now()` on the clock that all processes
 * of the machine share.
 */
export function answer(methods) {
  async function reply({ id, method, args }) {
    try {
      process.send({ id, result: await { origin, ...methods }[method](...args) });
    } catch (error) {
      process.send({ id, error: String(error.stack) });
    }
  }

  const origin = () => Number(process.hrtime.bigint()) / 1e6 - performance.now();

  process.on('disconnect', () => process.exit());
  process.on('message', (request) => void reply(request));
  process.send({ id: 0 });
}
