/** What `Child.start()` was given. */
export const settings = JSON.parse(process.argv[2]);

/**
 * Says that the program is ready, and answers what is asked by name from now on, until the asker is gone.
 * To every program's questions belongs `origin`: when its `performance.now()` was 0, on the clock that all
 * processes of the machine share.
 */
export function answer(questions) {
  async function reply({ id, question, args }) {
    try {
      process.send({ id, result: await { origin, ...questions }[question](...args) });
    } catch (error) {
      process.send({ id, error: String(error.stack) });
    }
  }

  const origin = () => Number(process.hrtime.bigint()) / 1e6 - performance.now();

  process.on('disconnect', () => process.exit());
  process.on('message', (message) => void reply(message));
  process.send({ id: 0 });
}
