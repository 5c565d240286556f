/** What `Child.start()` was given. */
export const settings = JSON.parse(process.argv[2]);

/** Says that the program is ready, and answers what is asked by name from now on, until the asker is gone. */
export function answer(questions) {
  async function reply({ id, question, args }) {
    try {
      process.send({ id, result: await questions[question](...args) });
    } catch (error) {
      process.send({ id, error: String(error.stack) });
    }
  }

  process.on('disconnect', () => process.exit());
  process.on('message', (message) => void reply(message));
  process.send({ id: 0 });
}
