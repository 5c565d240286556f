// Runs test files one after the other. Jest finishes the files of one runner before it starts those of another, so
// nothing runs beside them.
import TestRunner from 'jest-runner';

export default class SerialRunner extends TestRunner {
  isSerial = true;
}
