// Simulates in a process of its own: jest's sandbox makes every global dear, and this ten times slower.
import { answer } from '../support/programs/answers.mjs';
import { simulate } from './simulate.js';

answer({ simulate });
