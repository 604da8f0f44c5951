import { endTestServer } from './test-server';

// Jest takes a module that is a function.
module.exports = endTestServer;
