// Runs the simulation in a child process. In the sandbox of Jest, access to globals makes it ten times slower.
import { answer } from '../support/programs/answers.mjs';
import { simulate } from './simulate.js';

answer({ simulate });
