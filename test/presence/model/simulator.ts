// Runs the model in a child process. In the sandbox of Jest, access to globals makes it several times slower.
import { answer } from '../../support/programs/answers.mjs';
import { simulate } from './simulate.js';

answer({ simulate });
