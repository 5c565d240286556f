// Fails a run in which a test was skipped. Tests are skipped where a system program or root is missing; in CI all of
// them have to run.
export default class NoSkipsReporter {
  #filtered;
  #skipped = [];

  constructor({ testNamePattern }) {
    this.#filtered = Boolean(testNamePattern);
  }

  onTestResult({ path }, { testResults }) {
    for (const { fullName, status } of testResults) {
      if (status !== 'passed' && status !== 'failed') this.#skipped.push(`${path}: ${fullName}`);
    }
  }

  /** Jest fails the run when this returns something. */
  getLastError() {
    if (this.#filtered || this.#skipped.length === 0) return undefined;
    return new Error(`Skipped, which is a failure in CI:\n${this.#skipped.join('\n')}`);
  }

  onRunComplete() {
    const error = this.getLastError();
    if (error) console.error(error.message);
  }
}
